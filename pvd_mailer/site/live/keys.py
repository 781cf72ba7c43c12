"""The keys as they are now: a server lives long, and `keys rotate` adds one while it runs."""

import os
from pathlib import Path

from pvd_mailer.keys import KeyRing, KeysError, load_keys

__all__ = ["LiveKeys"]


class LiveKeys:
    """Reads the file of keys again when it has changed.

    A ring with another fingerprint is not taken: this database's links were not signed with it.
    """

    def __init__(self, path: Path, ring: KeyRing) -> None:
        self._path = path
        self._ring = ring
        self._seen = self._stamp()

    def _stamp(self) -> tuple[int, int, int]:
        try:
            stat = os.stat(self._path)  # noqa: PTH116 - asked for with every token, and three times as fast
        except OSError:
            return 0, 0, 0
        return stat.st_mtime_ns, stat.st_size, stat.st_ino

    @property
    def ring(self) -> KeyRing:
        """The newest ring that could be read."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            try:
                read = load_keys(self._path)
            except KeysError:  # somebody is at work on the file: the ring at hand stays good
                return self._ring
            if read.fingerprint == self._ring.fingerprint:
                self._ring = read
        return self._ring
