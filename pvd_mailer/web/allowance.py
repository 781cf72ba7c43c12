"""What the bodies under way may take, all together: memory, and time each."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FREE_BYTES", "Allowance", "RequestBody"]

FREE_BYTES: Final = 4 * 1024
"""The first bytes of a body are not counted: whoever leaves or fills in a form is answered during a flood, too."""


@dataclass(slots=True)
class Allowance:
    """The bounds, and what is held at the moment.

    Attributes:
        max_memory: Bytes that may be held of all bodies at once, but for the first `FREE_BYTES` of each.
        base_seconds: In seconds: how long a body may take, however short it is.
        min_rate: Bytes that buy it another second. The rule and its figures are those of Apache's mod_reqtimeout.
        max_seconds: In seconds: how long the longest may take.
        held_bytes: Bytes that are held now.
        pending: The bodies that are not whole, the one that began first before the others.
    """

    max_memory: int = 32_000_000
    base_seconds: float = 20
    min_rate: int = 500
    max_seconds: float = 60
    held_bytes: int = 0
    pending: OrderedDict["RequestBody", None] = field(default_factory=OrderedDict)

    def time_limit(self, received: int) -> float:
        """How long a body of which `received` bytes have come may take, from its beginning."""
        return min(self.max_seconds, self.base_seconds + received / self.min_rate)

    def reserve(self, count: int, body: "RequestBody") -> bool:
        """Hold `count` bytes more for the body that `body`; others give way to it, the one that began first before all.

        Whoever sends without a pause is done before it is their turn; False, and nothing is held, where all are whole.
        """
        while self.held_bytes + count > self.max_memory:
            oldest = next(
                (pending_body for pending_body in self.pending if pending_body.held_bytes and pending_body is not body),
                None,
            )
            if oldest is None:
                return False
            oldest.evict()
        self.held_bytes += count
        return True


class RequestBody:
    """A body under way, until `deadline`: what comes of it is held for the request until `release`."""

    def __init__(self, allowance: Allowance, deadline: asyncio.Timeout) -> None:
        self.held_bytes = 0
        self.was_evicted = False
        self._data = bytearray()
        self._allowance = allowance
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        allowance.pending[self] = None

    def append(self, piece: bytes) -> bool:
        """Take a piece of it; False where there is no room."""
        if self.was_evicted:
            return False
        more = max(0, len(self._data) + len(piece) - FREE_BYTES) - self.held_bytes
        if more and not self._allowance.reserve(more, self):
            return False
        self.held_bytes += more
        self._data += piece
        self._deadline.reschedule(self._started + self._allowance.time_limit(len(self._data)))
        return True

    def evict(self) -> None:
        """Lose what has come, and end the wait for the rest."""
        self.was_evicted = True
        self.release()
        if not self._deadline.expired():
            self._deadline.reschedule(self._loop.time())

    def finish(self) -> bytes:
        """What has come of it; there is no more to come, and it gives way to nobody."""
        self._allowance.pending.pop(self, None)
        data, self._data = bytes(self._data), bytearray()
        return data

    def release(self) -> None:
        """Hold nothing."""
        self._allowance.pending.pop(self, None)
        self._allowance.held_bytes -= self.held_bytes
        self.held_bytes = 0
        self._data.clear()
