"""How fast: one rate for all lanes, the provider's wish to be left alone, and a back-off when things go wrong.

Every wait of a sender is here, by a clock that nobody can set.
"""

import random
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

__all__ = ["MAX_PROVIDER_WAIT", "RateLimiter"]

MAX_PROVIDER_WAIT = timedelta(hours=1)
"""No wait that a provider asks for is longer than this."""
MAX_BACKOFF = 60.0
FIRST_BACKOFF = 0.5


class RateLimiter:
    """Shared by the lanes of one sender. It counts by a clock that nobody can set."""

    def __init__(self, per_minute: int | None = None) -> None:
        """Let `per_minute` messages leave a minute; None for no limit."""
        self.per_minute = per_minute
        self._seconds_each = 60.0 / per_minute if per_minute else 0.0
        self._claim_lock = threading.Lock()
        self._state_lock = threading.Lock()
        self._free_at = 0.0
        self._backed_off_until = 0.0
        self._paused_until = 0.0
        self.stopped = threading.Event()

    def lock(self) -> AbstractContextManager[object]:
        """Held by a lane from its wait until it knows how many messages it takes, where there is a rate."""
        return self._claim_lock if self._seconds_each else nullcontext()

    def wait(self) -> bool:
        """Wait until messages may leave; False where the sender is to stop instead."""
        while not self.stopped.is_set():
            with self._state_lock:
                seconds = max(self._free_at, self._backed_off_until, self._paused_until) - time.monotonic()
            if seconds <= 0:
                return True
            self.stopped.wait(min(seconds, 1.0))
        return False

    def consume(self, messages: int) -> None:
        """Count `messages` that are about to leave."""
        if self._seconds_each:
            with self._state_lock:
                self._free_at = max(self._free_at, time.monotonic()) + messages * self._seconds_each

    @property
    def is_paused(self) -> bool:
        """Whether the provider asked to be left alone, or a back-off is on: looked at right before a call."""
        with self._state_lock:
            return max(self._backed_off_until, self._paused_until) > time.monotonic()

    @property
    def remaining_pause(self) -> timedelta:
        """What is left of the time for which the provider asked to be left alone; zero where it did not."""
        with self._state_lock:
            return timedelta(seconds=max(self._paused_until - time.monotonic(), 0.0))

    def pause_for(self, wait: timedelta) -> None:
        """Nothing leaves for that long: the provider asks for it."""
        with self._state_lock:
            self._paused_until = max(
                self._paused_until, time.monotonic() + min(wait, MAX_PROVIDER_WAIT).total_seconds()
            )

    def back_off(self, failures: int) -> float:
        """Hold after the `failures`-th failure in a row: doubled each time, with jitter; the seconds."""
        ceiling = min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** min(failures - 1, 16))
        seconds = random.uniform(ceiling / 2, ceiling)  # noqa: S311 - spreads calls, guards no secret
        with self._state_lock:
            self._backed_off_until = max(self._backed_off_until, time.monotonic() + seconds)
        return seconds
