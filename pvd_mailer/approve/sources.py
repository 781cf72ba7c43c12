"""The files that a letter is made from, by their digests: an edit of any of them is seen, and can be named."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["digests"]

RECORD = "sent.json"
"""Written beside the issue by a send, and no source of the letter."""
LITTER = ("thumbs.db", "desktop.ini")
"""What Windows leaves in a folder that somebody looked into."""


def digests(root: Path, issue_folder: Path, publication_folder: Path) -> dict[str, str]:
    """SHA-256 in hexadecimal by path relative to `root`: issue.yaml, its pictures, and the publication's folder.

    Built-in templates are not among them: they belong to the program, and an upgrade of it voids no approval.

    Raises:
        OSError: a file cannot be read.
    """
    found: dict[str, str] = {}
    for folder in (issue_folder, publication_folder):
        for path in _files(folder, root):
            # What editors and systems leave beside a file (.issue.yaml.swp, issue.yaml~, .DS_Store) is no source.
            hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
            litter = path.name.endswith("~") or path.name.casefold() in LITTER
            if not hidden and not litter and path.name != RECORD:
                name = (
                    path.resolve().relative_to(root.resolve())
                    if path.resolve().is_relative_to(root.resolve())
                    else path
                )
                found[name.as_posix()] = _digest(path)
    return found


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """The files in `folder` by name, through linked folders as well, as far as those lie in `root`.

    Each folder once, for links may lead in a circle; nothing of a letter is read from outside.
    """
    inside = (folder.resolve(), root.resolve())
    seen: set[Path] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = Path(place).resolve()
        if real in seen or not any(real.is_relative_to(one) for one in inside):
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
