"""A file that is read again when it has changed: a server lives long, and people edit files while it runs."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["ReloadingFile"]

_Value = TypeVar("_Value")
_Stamp = tuple[int, int, int]
_MISSING: _Stamp = (0, 0, 0)


class ReloadingFile(Generic[_Value]):
    """What a file holds, as it was last read whole; threads may share it.

    One that is gone is gone for the moment it takes to put another in its place: what was read stays.
    """

    def __init__(
        self, path: Path, value: _Value, load: Callable[[], _Value | None], *, settle_seconds: float = 0.0
    ) -> None:
        """Follow the file at `path`.

        Args:
            path: The file.
            value: What it holds now.
            load: Reads it; None where what it holds cannot be taken, so that what was read stays.
            settle_seconds: How long it has to lie untouched: an editor that writes it in two goes is waited for.
        """
        self._path = path
        self._value = value
        self._load = load
        self._settle_seconds = settle_seconds
        self._seen = self._stamp()
        self._lock = Lock()

    @property
    def value(self) -> _Value:
        """What the file holds; it is read again first if it has changed."""
        seen, stamp = self._seen, self._stamp()
        if stamp not in {seen, _MISSING} and self._is_settled(stamp):
            with self._lock:
                if self._seen == seen:  # no other thread was quicker
                    self._seen = stamp
                    loaded = self._load()
                    self._value = self._value if loaded is None else loaded
        return self._value

    def _is_settled(self, stamp: _Stamp) -> bool:
        # A file whose time is to come was copied from a machine with another clock: it is read at once.
        return not 0 <= time.time() - stamp[0] / 1e9 < self._settle_seconds

    def _stamp(self) -> _Stamp:
        try:
            stat = os.stat(self._path)  # noqa: PTH116 - asked for with every token, and three times as fast
        except OSError:
            return _MISSING
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
