"""How a letter leaves: one channel a file or folder, all behind one small interface."""

from pvd_mailer.send.channels.base import (
    Channel,
    DeliveryOutcome,
    DeliveryResult,
    FailureCause,
    Recipient,
    SenderIdentity,
    SendRequest,
    Session,
    UnsupportedLetterError,
)
from pvd_mailer.send.channels.choice import open_channel
from pvd_mailer.send.channels.outbox import Outbox

__all__ = [
    "Channel",
    "DeliveryOutcome",
    "DeliveryResult",
    "FailureCause",
    "Outbox",
    "Recipient",
    "SendRequest",
    "SenderIdentity",
    "Session",
    "UnsupportedLetterError",
    "open_channel",
]
