"""What goes wrong on order. A fault is a name, or a name and a number of seconds: `429:2`, `stall:5`."""

import random
import threading
from collections import deque

__all__ = ["FAULTS", "Faults", "Mix"]

FAULTS = (
    "429",  # X-RateLimit-Reset, the epoch
    "429-after",  # Retry-After in seconds
    "429-date",  # Retry-After as a date
    "429-bare",  # neither
    "500",
    "500-accepted",  # the message is queued all the same
    "503",  # with a page of HTML
    "401",
    "403",
    "302",
    "200",
    "garbage",  # something that is not HTTP
    "reset-before",  # before the body is read
    "reset-after",  # after the body, which goes nowhere
    "reset-accepted",  # after accepting
    "truncated",  # a 202 that breaks off in its body
    "truncated-headers",  # a 202 that breaks off in its headers
    "stall",  # no answer, and not accepted
    "stall-accepted",  # no answer, and accepted
    "stall-headers",  # half an answer, and accepted
    "trickle",  # an answer that comes byte by byte and never ends, and accepted
    "close",  # accepts, answers well and says that it will hang up
    "hang-up",  # accepts, answers well and hangs up without a word
)
BEFORE_THE_BODY = {"reset-before"}
ACCEPTS = {
    "500-accepted",
    "reset-accepted",
    "truncated",
    "truncated-headers",
    "stall-accepted",
    "stall-headers",
    "trickle",
    "close",
    "hang-up",
}


class Mix:
    """A fault out of `kinds` with this `probability` a call; the same seed gives the same faults."""

    def __init__(self, seed, probability, kinds=FAULTS):
        self.random = random.Random(seed)  # noqa: S311 - the same each time is what is wanted
        self.probability = probability
        self.kinds = tuple(kinds)

    def __call__(self):
        return self.random.choice(self.kinds) if self.random.random() < self.probability else None


class Faults:
    """The script: faults in their order, None for a call that goes well, then the mix if there is one."""

    def __init__(self, script=(), mix=None):
        self._script = deque(script)
        self._mix = mix
        self._lock = threading.Lock()

    def add(self, *faults):
        with self._lock:
            self._script.extend(faults)

    def next(self):
        """The next call's fault and its number of seconds, or None where it has none."""
        with self._lock:
            fault = self._script.popleft() if self._script else self._mix and self._mix()
        if not fault:
            return None, None
        name, _colon, seconds = fault.partition(":")
        assert name in FAULTS, name
        return name, float(seconds) if seconds else None
