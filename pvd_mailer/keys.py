"""The keys that sign readers' links: made once, kept outside the workspace, rotated without killing links."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from pvd_mailer.errors import PvdError, reason
from pvd_mailer.i18n import _

__all__ = [
    "KeyRing",
    "KeysError",
    "bring_back",
    "default_path",
    "load_keys",
    "make_keys",
    "rotate_keys",
    "rotated",
    "write_keys",
]


class KeysError(PvdError):
    """The file of keys cannot be read, or is not one."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets; `repr` shows none.

    Attributes:
        signing: Oldest first. The last one signs, all of them verify: a link in a letter of last year still works.
        opposition: Keys the hashes of the opposition list, and what else must stay the same. It is never rotated: the
            hashes could not be made again.
    """

    signing: tuple[str, ...]
    opposition: str

    def __repr__(self) -> str:
        return f"KeyRing({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """Tells two key rings apart, and gives nothing of them away; the same after a rotation."""
        return hashlib.sha256(b"pvd-mailer key ring\0" + self.opposition.encode()).hexdigest()[:16]

    def opposition_digest(self, address_key: str) -> str:
        """What stays of somebody who was forgotten: a keyed hash of the canonical address, 64 hexadecimal digits."""
        return hmac.new(self.opposition.encode(), address_key.encode(), hashlib.sha256).hexdigest()

    def trace(self, address_key: str) -> str:
        """By which an event is known again that names an address and no recipient of ours: 32 hexadecimal digits.

        It goes when the person is forgotten.
        """
        return self.opposition_digest(address_key)[:32]

    def message_tag(self, ref: str) -> str:
        """What makes the Message-ID of a letter one that only we can write: 20 hexadecimal digits.

        A report that gives it back comes from somebody who had that very letter. Of the key that is never rotated: a
        recipient who is sent the letter again after a rotation gets the same Message-ID, and a late report is known.
        """
        said = b"pvd-mailer message\0" + ref.encode()
        return hmac.new(self.opposition.encode(), said, hashlib.sha256).hexdigest()[:20]

    def is_message_tag(self, ref: str, tag: str) -> bool:
        """Whether `tag` is that of `ref`."""
        return hmac.compare_digest(self.message_tag(ref), tag)

    def as_json(self) -> str:
        """The file's text."""
        return json.dumps({"signing": list(self.signing), "opposition": self.opposition}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "KeyRing":
        """The key ring that `text` holds.

        Raises:
            ValueError: it holds none.
        """
        said: Any = json.loads(text)
        if not isinstance(said, dict) or not isinstance(said.get("signing"), list) or not said["signing"]:
            raise ValueError
        keys = [*said["signing"], said.get("opposition")]
        if not all(isinstance(key, str) and len(key) >= 32 for key in keys):  # noqa: PLR2004 - 128 bits in hexadecimal
            raise ValueError
        return cls(tuple(keys[:-1]), keys[-1])


def default_path() -> Path:
    """Where the keys are unless `PVD_KEYS` says otherwise: the user's folder for settings, outside any repository."""
    return platformdirs.user_config_path("pvd-mailer") / "keys.json"


def make_keys() -> KeyRing:
    """A new key ring."""
    return KeyRing((secrets.token_hex(32),), secrets.token_hex(32))


def rotated(keys: KeyRing) -> KeyRing:
    """`keys` with a new one that signs from now on; the others still verify."""
    return KeyRing((*keys.signing, secrets.token_hex(32)), keys.opposition)


def write_keys(keys: KeyRing, path: Path) -> None:
    """Write `keys` to `path`, readable by its owner alone, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    waiting = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(keys.as_json())
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
    except BaseException:
        waiting.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # a letter that is signed with a key must not outlive it
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def rotate_keys(path: Path) -> KeyRing:
    """Add a key to the ring at `path`, and return it. Two processes that do it at once add one each.

    Raises:
        KeysError: there is something else, or it cannot be read.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(f"{path}.lock", mode=0o600):
        keys = rotated(load_keys(path))
        write_keys(keys, path)
    return keys


def bring_back(keys: KeyRing, path: Path) -> Path | None:
    """Make `keys`, which come from a backup, the ring at `path`; where another one was put aside, if there was one.

    Nothing is lost: a ring that was rotated since keeps its newer keys, and another ring its file, under a new name.
    """
    try:
        present = KeyRing.from_json(path.read_text("utf-8"))
    except FileNotFoundError:
        write_keys(keys, path)
        return None
    except ValueError:
        present = None
    if present is None or present.fingerprint != keys.fingerprint:
        aside = path.with_name(
            f"{path.stem}-{present.fingerprint if present else 'damaged'}-{secrets.token_hex(2)}.json"
        )
        path.replace(aside)
        write_keys(keys, path)
        return aside
    newer = tuple(key for key in present.signing if key not in keys.signing)
    # Which is newer, order tells: the present ring's last key signs, unless the backup knows keys that came later.
    signing = (*keys.signing, *newer)
    if signing != present.signing:
        write_keys(KeyRing(signing, keys.opposition), path)
    return None


def load_keys(path: Path) -> KeyRing:
    """The key ring at `path`; made where there is none yet.

    Raises:
        KeysError: there is something else, or it cannot be read.
    """
    if not path.exists():
        _make_once(path)
    try:
        return KeyRing.from_json(path.read_text("utf-8"))
    except OSError as error:
        raise KeysError(
            _("the signing key {file} cannot be read: {reason}").format(file=path, reason=reason(error)),
            _("Check its permissions. Do not remove it: links already sent would die."),
        ) from error
    except ValueError as error:
        raise KeysError(
            _("the signing key {file} is damaged").format(file=path),
            _("Restore it from your last backup (`pvd-mailer restore`): a new one would kill links already sent."),
        ) from error


def _make_once(path: Path) -> None:
    """Of two processes that start at once, one makes the key and both use it."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(4)}.first")
    write_keys(make_keys(), made)
    try:
        os.link(made, path)  # fails where it is there, unlike a rename
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            made.replace(path)
    finally:
        made.unlink(missing_ok=True)
