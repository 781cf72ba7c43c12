"""The keys that sign readers' links: made once, kept outside the workspace, rotated without killing links."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import platformdirs
from filelock import FileLock, Timeout

from pvd_mailer import clock
from pvd_mailer.errors import PvdError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.private import create_file

__all__ = [
    "KeyRing",
    "KeysError",
    "default_path",
    "key_id",
    "load_keys",
    "make_keys",
    "restore_keys",
    "revoke_keys",
    "rotate_keys",
    "with_new_key",
    "without_keys",
    "write_keys",
]


_LOCK_TIMEOUT: Final = 10.0
"""In seconds: how long a change of the keys waits for another, which takes a moment."""
_ID_LENGTH: Final = 8
"""Hexadecimal digits by which people tell keys apart."""


class KeysError(PvdError):
    """The file of keys cannot be read, or is not one."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Secrets; `repr` shows none.

    Attributes:
        signing: Oldest first. The last one signs, all of them verify: a link in a letter of last year still works.
        opposition: Keys the hashes of the opposition list, and what else must stay the same. It is never rotated: the
            hashes could not be made again.
        created: Id of a signing key -> when it was made, where that is known: keys of before have no date.
        revoked: Ids of keys that were ended, in full: a backup that still holds one does not bring it back.
    """

    signing: tuple[str, ...]
    opposition: str
    created: Mapping[str, datetime] = field(default_factory=dict, compare=False)
    revoked: frozenset[str] = frozenset()

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
        payload = b"pvd-mailer message\0" + ref.encode()
        return hmac.new(self.opposition.encode(), payload, hashlib.sha256).hexdigest()[:20]

    def is_message_tag(self, ref: str, tag: str) -> bool:
        """Whether `tag` is that of `ref`."""
        return hmac.compare_digest(self.message_tag(ref), tag)

    def to_json(self) -> str:
        """The file's text."""
        data: dict[str, Any] = {"signing": list(self.signing), "opposition": self.opposition}
        if self.created:
            data["made"] = {name: created_at.isoformat() for name, created_at in self.created.items()}
        if self.revoked:
            data["revoked"] = sorted(self.revoked)
        return json.dumps(data, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "KeyRing":
        """The key ring that `text` holds.

        Raises:
            ValueError: it holds none.
        """
        try:
            data: Any = json.loads(text)
        except RecursionError as error:
            raise ValueError from error
        if not isinstance(data, dict) or not isinstance(data.get("signing"), list) or not data["signing"]:
            raise ValueError
        json.dumps(data, ensure_ascii=False).encode()  # half a surrogate is neither signed with nor written again
        keys = [*data["signing"], data.get("opposition")]
        if not all(isinstance(key, str) and len(key) >= 32 for key in keys):  # noqa: PLR2004 - 128 bits in hexadecimal
            raise ValueError
        created, revoked = data.get("made", {}), data.get("revoked", [])
        if not isinstance(created, dict) or not isinstance(revoked, list):
            raise ValueError  # noqa: TRY004 - of a file that is damaged, whatever it holds
        dates = {str(name): datetime.fromisoformat(str(created_at)) for name, created_at in created.items()}
        if any(created_at.tzinfo is None for created_at in dates.values()):
            raise ValueError
        return cls(tuple(keys[:-1]), keys[-1], dates, frozenset(map(str, revoked)))


def default_path() -> Path:
    """Where the keys are unless `PVD_KEYS` says otherwise: the user's folder for settings, outside any repository."""
    return platformdirs.user_config_path("pvd-mailer") / "keys.json"


def _digest(key: str) -> str:
    return hashlib.sha256(b"pvd-mailer signing key\0" + key.encode()).hexdigest()


def key_id(key: str) -> str:
    """By which people name a signing key, 8 hexadecimal digits; it gives nothing of the key away."""
    return _digest(key)[:_ID_LENGTH]


def make_keys() -> KeyRing:
    """A new key ring."""
    key = secrets.token_hex(32)
    return KeyRing((key,), secrets.token_hex(32), {key_id(key): clock.now()})


def with_new_key(keys: KeyRing) -> KeyRing:
    """`keys` with a new one that signs from now on; the others still verify."""
    key = secrets.token_hex(32)
    return replace(keys, signing=(*keys.signing, key), created={**keys.created, key_id(key): clock.now()})


def without_keys(keys: KeyRing, ids: Collection[str]) -> KeyRing:
    """`keys` without those whose ids are named; where the one that signs is among them, a new one signs.

    Raises:
        ValueError: one of `ids` is no key of the ring.
    """
    known = {key_id(key): key for key in keys.signing}
    if not ids or not set(ids) <= set(known):
        raise ValueError
    remaining = tuple(key for key in keys.signing if key_id(key) not in ids)
    ring = replace(
        keys,
        signing=remaining,
        created={revoked_id: created_at for revoked_id, created_at in keys.created.items() if revoked_id not in ids},
        revoked=keys.revoked | {_digest(known[revoked_id]) for revoked_id in ids},
    )
    return ring if remaining and remaining[-1] == keys.signing[-1] else with_new_key(ring)


def _resolve_link(path: Path) -> Path:
    """The file itself, where `path` is a link to it: what is put in a link's place leaves the file as it was."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # links in a circle
        raise KeysError(
            _("the signing key {file} cannot be read: {reason}").format(file=path, reason=_("links lead in a circle")),
            _("Name the file itself in PVD_KEYS."),
        ) from error


def write_keys(keys: KeyRing, path: Path) -> None:
    """Write `keys` to `path`, or to what it is a link to: readable by its owner alone, whole or not at all."""
    path = _resolve_link(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        with create_file(temporary) as file:
            file.write(keys.to_json().encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # a letter that is signed with a key must not outlive it
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def _key_file_lock(path: Path) -> Iterator[None]:
    """Nobody else changes the ring at `path` meanwhile.

    Raises:
        KeysError: somebody does, for longer than it can take; or no file can be made beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT, mode=0o600):
            yield
    except Timeout as error:
        raise KeysError(
            _("the signing key {file} cannot be changed: no lock can be had beside it").format(file=path),
            _("See that you may write into its folder, and that no other command is at work on it."),
        ) from error


def rotate_keys(path: Path) -> KeyRing:
    """Add a key to the ring at `path`, and return the ring. Two processes that do it at once add one each.

    Raises:
        KeysError: there is something else, or it cannot be read.
    """
    path = _resolve_link(path)
    with _key_file_lock(path):
        keys = with_new_key(load_keys(path))
        write_keys(keys, path)
    return keys


def revoke_keys(path: Path, ids: Collection[str]) -> KeyRing:
    """End the keys called `ids` in the ring at `path`, and return the ring: what they signed opens nothing any more.

    Raises:
        KeysError: there is something else, or it cannot be read.
        ValueError: one of `ids` is no key of the ring.
    """
    path = _resolve_link(path)
    with _key_file_lock(path):
        keys = without_keys(load_keys(path), ids)
        write_keys(keys, path)
    return keys


def restore_keys(keys: KeyRing, path: Path) -> Path | None:
    """Make `keys`, which come from a backup, the ring at `path`; where another one was put aside, if there was one.

    Nothing is lost: a ring that was rotated since keeps its newer keys, and another ring its file, under a new name.
    A key that was revoked since does not come back.
    """
    path = _resolve_link(path)
    with _key_file_lock(path):  # a key that is revoked meanwhile stays so
        return _restore_keys(keys, path)


def _restore_keys(keys: KeyRing, path: Path) -> Path | None:
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
    revoked = keys.revoked | present.revoked
    # Which is newer, order tells: the present ring's last key signs, unless the backup knows keys that came later.
    signing = tuple(key for key in (*keys.signing, *newer) if _digest(key) not in revoked)
    merged = KeyRing(signing, keys.opposition, {**keys.created, **present.created}, revoked)
    if merged.to_json() != present.to_json():
        write_keys(merged, path)
    return None


def load_keys(path: Path) -> KeyRing:
    """The key ring at `path`; made where there is none yet.

    Raises:
        KeysError: there is something else, or it cannot be read.
    """
    path = _resolve_link(path)
    if not path.exists():
        _create_once(path)
    try:
        return KeyRing.from_json(path.read_text("utf-8"))
    except OSError as error:
        raise KeysError(
            _("the signing key {file} cannot be read: {reason}").format(file=path, reason=os_error_reason(error)),
            _("Check its permissions. Do not remove it: links already sent would die."),
        ) from error
    except ValueError as error:
        raise KeysError(
            _("the signing key {file} is damaged").format(file=path),
            _("Restore it from your last backup (`pvd-mailer restore`): a new one would kill links already sent."),
        ) from error


def _create_once(path: Path) -> None:
    """Of two processes that start at once, one makes the key and both use it."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.first")
    write_keys(make_keys(), temporary)
    try:
        os.link(temporary, path)  # fails where it is there, unlike a rename
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not path.exists():
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
