"""How fast: one rate for all lanes, the provider's wish to be left alone, and a back-off when things go wrong.

Every wait of a sender is here, by a clock that nobody can set.
"""

import random
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

__all__ = ["LONGEST_WAIT", "Pace"]

LONGEST_WAIT = timedelta(hours=1)
"""No wait that a provider asks for is longer than this."""
LONGEST_BACKOFF = 60.0
FIRST_BACKOFF = 0.5


class Pace:
    """Shared by the lanes of one sender. It counts by a clock that nobody can set."""

    def __init__(self, per_minute: int | None = None) -> None:
        """Let `per_minute` messages leave a minute; None for no limit."""
        self.per_minute = per_minute
        self._each = 60.0 / per_minute if per_minute else 0.0
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._free_at = 0.0
        self._held_until = 0.0
        self._asked_until = 0.0
        self.stopped = threading.Event()

    def turn(self) -> AbstractContextManager[object]:
        """Held by a lane from its wait until it knows how many messages it takes, where there is a rate."""
        return self._turn if self._each else nullcontext()

    def wait(self) -> bool:
        """Wait until messages may leave; False where the sender is to stop instead."""
        while not self.stopped.is_set():
            with self._state:
                seconds = max(self._free_at, self._held_until, self._asked_until) - time.monotonic()
            if seconds <= 0:
                return True
            self.stopped.wait(min(seconds, 1.0))
        return False

    def charge(self, messages: int) -> None:
        """Count `messages` that are about to leave."""
        if self._each:
            with self._state:
                self._free_at = max(self._free_at, time.monotonic()) + messages * self._each

    @property
    def is_held(self) -> bool:
        """Whether the provider asked to be left alone, or a back-off is on: looked at right before a call."""
        with self._state:
            return max(self._held_until, self._asked_until) > time.monotonic()

    @property
    def asked_for(self) -> timedelta:
        """What is left of the time for which the provider asked to be left alone; zero where it did not."""
        with self._state:
            return timedelta(seconds=max(self._asked_until - time.monotonic(), 0.0))

    def hold(self, wait: timedelta) -> None:
        """Nothing leaves for that long: the provider asks for it."""
        with self._state:
            self._asked_until = max(self._asked_until, time.monotonic() + min(wait, LONGEST_WAIT).total_seconds())

    def back_off(self, failures: int) -> float:
        """Hold after the `failures`-th failure in a row: doubled each time, with jitter; the seconds."""
        longest = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 16))
        seconds = random.uniform(longest / 2, longest)  # noqa: S311 - spreads calls, guards no secret
        with self._state:
            self._held_until = max(self._held_until, time.monotonic() + seconds)
        return seconds
