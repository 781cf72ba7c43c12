"""A folder of published files: each is written whole or not at all, and nothing of anybody else's is touched."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext

__all__ = ["FolderChanges", "write_folder"]

MANIFEST_FILE = ".pvd-mailer-publish.json"
"""Which files of the folder are ours."""
_KEPT_SUFFIXES = (".ics", ".png", ".jpg", ".gif")
"""What letters in mailboxes lead to is never taken away."""


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What a publication changed, by path."""

    written: list[str]
    removed: list[str]
    unchanged: int


def write_folder(folder: Path, files: dict[str, bytes]) -> FolderChanges:
    """Make `folder` hold `files` (by path); pages of ours that are not among them go away.

    Raises:
        PvdError: the list of our files cannot be read.
        WrongUsageError: a file that is not ours stands where one of `files` belongs; nothing was written.
    """
    own_paths = _read_manifest(folder)
    foreign = [
        path
        for path, data in files.items()
        if not _is_within(folder, path) or (path not in own_paths and _differs(folder / path, data, missing=False))
    ]
    if foreign:
        message = ngettext(
            "a file that is not ours stands in the way: {path}",
            "{n} files that are not ours stand in the way, such as {path}",
            len(foreign),
        )
        raise WrongUsageError(
            message.format(n=len(foreign), path=(folder / foreign[0]).as_posix()),
            _("Choose another folder, or move the file away. Nothing was written."),
        )
    changed = sorted(path for path, data in files.items() if _differs(folder / path, data, missing=True))
    stale = sorted(
        path for path in own_paths - files.keys() if not path.endswith(_KEPT_SUFFIXES) and (folder / path).is_file()
    )
    kept_paths = {path for path in own_paths - files.keys() if path.endswith(_KEPT_SUFFIXES)}
    folder.mkdir(parents=True, exist_ok=True)
    # Before the files: what a kill leaves half done is known to be ours.
    _write_manifest(folder, own_paths | files.keys())
    # Files that pages lead to first, pages last: nobody follows a link to what is not there yet.
    for path in sorted(changed, key=lambda name: (name.endswith(("index.html", "feed.xml")), name)):
        _write(folder / path, files[path])
    for path in stale:
        (folder / path).unlink()
    _write_manifest(folder, kept_paths | files.keys())
    return FolderChanges(changed, stale, len(files) - len(changed))


def _differs(file: Path, data: bytes, *, missing: bool) -> bool:
    """Whether `file` holds something else than `data`; `missing` where there is none."""
    if not file.exists():
        return missing
    return not file.is_file() or file.stat().st_size != len(data) or file.read_bytes() != data


def _is_within(folder: Path, path: str) -> bool:
    """Whether `path` names a file below `folder`, and no link on the way leads out of it."""
    try:
        path.encode()
        (folder / path).exists()
        return path not in {"", "."} and (folder / path).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name that no file can have
        return False


def _read_manifest(folder: Path) -> set[str]:
    file = folder / MANIFEST_FILE
    if not file.exists():
        return set()
    try:
        if not file.is_file():  # a pipe would keep us waiting
            raise ValueError  # noqa: TRY301 - told as what is damaged is
        paths = [str(path) for path in json.loads(file.read_text("utf-8"))["files"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PvdError(
            _("{file} cannot be read: it says which files of the folder are ours").format(file=file.as_posix()),
            _("Take the folder's copy from your web space, or publish into a new folder."),
        ) from error
    # It names files below the folder, whoever wrote it.
    return {path for path in paths if ".." not in path.split("/") and _is_within(folder, path)}


def _write_manifest(folder: Path, paths: set[str]) -> None:
    text = json.dumps({"files": sorted(paths)}, ensure_ascii=False, indent=1) + "\n"
    if _differs(folder / MANIFEST_FILE, text.encode(), missing=True):
        _write(folder / MANIFEST_FILE, text.encode())


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)  # what a kill left, or a link
    with partial.open("xb") as target:
        target.write(data)
        target.flush()
        os.fsync(target.fileno())
    partial.replace(file)
