"""The interface of a channel, and the closed set of what can become of a message handed to it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["Channel", "Outcome", "Parcel", "Result"]


class Outcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    """The channel has it, durably."""
    ALREADY = "already"
    """This recipient had this issue before; nothing was sent."""
    REFUSED = "refused"
    """A definite no."""
    NOT_SENT = "not sent"
    """Provably nothing left; it may be tried again."""
    UNKNOWN = "unknown"
    """It may have left, or not."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one recipient."""

    key: str
    """The same for the same recipient and issue, whenever it is made; safe in a file name."""
    message: bytes


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome and, where it is not accepted, why."""

    outcome: Outcome
    reason: str = ""


class Channel(Protocol):
    """Something that takes messages."""

    name: str

    def deliver(self, parcel: Parcel) -> Result:
        """Hand `parcel` over; what goes wrong is a result and not an exception."""
        ...
