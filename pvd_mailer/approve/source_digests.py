"""The files that a letter is made from, by their digests: an edit of any of them is seen, and can be named."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["source_digests"]

_SENT_FILE = "sent.json"
"""Written beside the issue by a send, and no source of the letter."""
_OS_FILES = ("thumbs.db", "desktop.ini")
"""What Windows leaves in a folder that somebody looked into."""


def source_digests(root: Path, issue_folder: Path, publication_folder: Path) -> dict[str, str]:
    """SHA-256 in hexadecimal by path relative to `root`: issue.yaml, its pictures, and the publication's folder.

    Built-in templates are not among them: they belong to the program, and an upgrade of it voids no approval.

    Raises:
        OSError: a file cannot be read.
    """
    digests: dict[str, str] = {}
    for folder in (issue_folder, publication_folder):
        for path in _files(folder, root):
            # What editors and systems leave beside a file (.issue.yaml.swp, issue.yaml~, .DS_Store) is no source.
            is_hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
            is_litter = path.name.endswith("~") or path.name.casefold() in _OS_FILES
            if not is_hidden and not is_litter and path.name != _SENT_FILE:
                name = (
                    path.resolve().relative_to(root.resolve())
                    if path.resolve().is_relative_to(root.resolve())
                    else path
                )
                digests[name.as_posix()] = _digest(path)
    return digests


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """The files in `folder` by name, through linked folders as well, as far as those lie in `root`.

    Each folder once, for links may lead in a circle; nothing of a letter is read from outside.
    """
    inside = (folder.resolve(), root.resolve())
    seen: set[Path] = set()
    for directory, folders, names in os.walk(folder, followlinks=True):
        real = Path(directory).resolve()
        if real in seen or not any(real.is_relative_to(base) for base in inside):
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(directory, name)).is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
