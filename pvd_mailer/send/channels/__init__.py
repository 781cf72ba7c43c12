"""How a letter leaves: one channel a file or folder, all behind one small interface."""

from pvd_mailer.send.channels.base import (
    Addressee,
    CannotCarryError,
    Cause,
    Channel,
    Consignment,
    Outcome,
    Result,
    Sender,
    Session,
)
from pvd_mailer.send.channels.choice import open_channel
from pvd_mailer.send.channels.outbox import Outbox

__all__ = [
    "Addressee",
    "CannotCarryError",
    "Cause",
    "Channel",
    "Consignment",
    "Outbox",
    "Outcome",
    "Result",
    "Sender",
    "Session",
    "open_channel",
]
