"""Keeps `sent.json` ahead of a run: it tells of a call before that call leaves.

One thread writes. A lane says which call it has claimed, makes its message ready, and waits only then; so one write
serves all the lanes that came in the meantime, and mostly nobody waits for the disk.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pvd_mailer.i18n import language, set_language

__all__ = ["SentFileRecorder"]


class SentFileRecorder:
    """Writes the record of one run, again and again; several threads may ask at once. A context manager."""

    def __init__(self, write: Callable[[int], None]) -> None:
        """Write by `write`, which is given how many calls of the dispatch may have left, and returns when it is safe.

        Args:
            write: Raises OSError or a PvdError where the record cannot be written.
        """
        self._write = write
        self._requested = 0
        self._written = 0
        self._failure: Exception | None = None
        self._is_closed = False
        self._changed = threading.Condition()
        self._language = language()
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, when what was asked for is written or has failed."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def request(self, calls: int) -> None:
        """Have the record tell of the first `calls` calls soon."""
        with self._changed:
            self._requested = max(self._requested, calls)
            self._changed.notify_all()

    def wait(self, calls: int) -> None:
        """Wait until the record on the disk tells of the first `calls` calls, which was asked for.

        Raises:
            OSError: it cannot be written.
            ForeignSendError: it tells of more than the journal knows.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._written >= calls or self._failure is not None)
            if self._written < calls and self._failure is not None:
                raise self._failure

    def _work(self) -> None:
        set_language(self._language)  # a thread starts without the language of the one that started it
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed or self._requested > self._written)
                requested = self._requested
                if requested <= self._written or self._failure is not None:
                    return
            failure = None
            try:
                self._write(requested)
            except Exception as error:  # noqa: BLE001 - whoever waits raises it
                failure = error
            with self._changed:
                if failure is None:
                    self._written = requested
                self._failure = failure
                self._changed.notify_all()
