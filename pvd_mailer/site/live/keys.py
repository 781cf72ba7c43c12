"""The keys as they are now: a server lives long, and `keys rotate` adds one while it runs."""

from pathlib import Path

from pvd_mailer.keys import KeyRing, KeysError, load_keys
from pvd_mailer.site.live.reloading_file import ReloadingFile

__all__ = ["LiveKeys"]


class LiveKeys:
    """Reads the file of keys again when it has changed.

    A ring with another fingerprint is not taken: this database's links were not signed with it.
    """

    def __init__(self, path: Path, ring: KeyRing) -> None:
        self._path = path
        self._fingerprint = ring.fingerprint
        self._file = ReloadingFile(path, ring, self._load)

    @property
    def ring(self) -> KeyRing:
        """The newest ring that could be read."""
        return self._file.value

    def _load(self) -> KeyRing | None:
        try:
            ring = load_keys(self._path)
        except KeysError:  # somebody is at work on the file: the ring at hand stays good
            return None
        return ring if ring.fingerprint == self._fingerprint else None
