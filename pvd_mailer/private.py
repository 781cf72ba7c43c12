"""Files at rest that hold people's addresses or keys: their owner alone reads them, from the first byte on."""

import os
from pathlib import Path
from typing import IO

__all__ = ["create_file", "make_folder", "others_may_read"]

_OTHERS_BITS = 0o077


def create_file(path: Path) -> IO[bytes]:
    """A new file at `path`, to be written to; a link that stands there is not followed.

    Raises:
        FileExistsError: something is there.
        OSError: it cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def make_folder(path: Path) -> None:
    """The folder at `path`, with those above it where they are missing; one that is there is closed to others.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if others_may_read(path):
        path.chmod(0o700)


def others_may_read(path: Path) -> bool:
    """Whether others than its owner may read or change what is at `path`; False where nothing is, or on Windows."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & _OTHERS_BITS)
    except OSError:
        return False
