"""What the bodies under way may take, all together: memory, and time each."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

__all__ = ["FREE", "Allowance", "Body"]

FREE: Final = 4 * 1024
"""The first bytes of a body are not counted: whoever leaves or fills in a form is answered during a flood, too."""


@dataclass(slots=True)
class Allowance:
    """The bounds, and what is held at the moment.

    Attributes:
        memory: Bytes that may be held of all bodies at once, but for the first `FREE` of each.
        first: In seconds: how long a body may take, however short it is.
        pace: Bytes that buy it another second. The rule and its figures are those of Apache's mod_reqtimeout.
        whole: In seconds: how long the longest may take.
        held: Bytes that are held now.
        coming: The bodies that are not whole, the one that began first before the others.
    """

    memory: int = 32_000_000
    first: float = 20
    pace: int = 500
    whole: float = 60
    held: int = 0
    coming: OrderedDict["Body", None] = field(default_factory=OrderedDict)

    def seconds(self, read: int) -> float:
        """How long a body of which `read` bytes have come may take, from its beginning."""
        return min(self.whole, self.first + read / self.pace)

    def take(self, count: int, asks: "Body") -> bool:
        """Hold `count` bytes more for the body that `asks`; others give way to it, the one that began first before all.

        Whoever sends without a pause is done before it is their turn; False, and nothing is held, where all are whole.
        """
        while self.held + count > self.memory:
            first = next((one for one in self.coming if one.held and one is not asks), None)
            if first is None:
                return False
            first.give_way()
        self.held += count
        return True


class Body:
    """A body under way, until `deadline`: what comes of it is held for the request until `let_go`."""

    def __init__(self, allowance: Allowance, deadline: asyncio.Timeout) -> None:
        self.held = 0
        self.gave_way = False
        self._data = bytearray()
        self._allowance = allowance
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        allowance.coming[self] = None

    def grow(self, piece: bytes) -> bool:
        """Take a piece of it; False where there is no room."""
        if self.gave_way:
            return False
        more = max(0, len(self._data) + len(piece) - FREE) - self.held
        if more and not self._allowance.take(more, self):
            return False
        self.held += more
        self._data += piece
        self._deadline.reschedule(self._began + self._allowance.seconds(len(self._data)))
        return True

    def give_way(self) -> None:
        """Lose what has come, and end the wait for the rest."""
        self.gave_way = True
        self.let_go()
        if not self._deadline.expired():
            self._deadline.reschedule(self._loop.time())

    def settle(self) -> bytes:
        """What has come of it; there is no more to come, and it gives way to nobody."""
        self._allowance.coming.pop(self, None)
        data, self._data = bytes(self._data), bytearray()
        return data

    def let_go(self) -> None:
        """Hold nothing."""
        self._allowance.coming.pop(self, None)
        self._allowance.held -= self.held
        self.held = 0
        self._data.clear()
