"""The file of keys, outside the workspace: made once, changed under a lock, read by its owner alone."""

import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import platformdirs

from pvd_mailer.errors import PvdError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.keys.ring import KeyRing, full_key_id, make_keys, with_new_key, without_keys
from pvd_mailer.private import create_file

__all__ = ["KeysError", "default_path", "load_keys", "restore_keys", "revoke_keys", "rotate_keys", "write_keys"]

_LOCK_TIMEOUT: Final = 10.0
"""In seconds: how long a change of the keys waits for another, which takes a moment."""


class KeysError(PvdError):
    """The file of keys cannot be read, or is not one."""


def default_path() -> Path:
    """Where the keys are unless `PVD_KEYS` says otherwise: the user's folder for settings, outside any repository."""
    return platformdirs.user_config_path("pvd-mailer") / "keys.json"


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
    from filelock import FileLock, Timeout  # noqa: PLC0415 - brings asyncio, and every command reads settings and keys

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
    signing = tuple(key for key in (*keys.signing, *newer) if full_key_id(key) not in revoked)
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
