"""How a letter leaves: one channel a file or folder, all behind the small interface of `base`.

Hands on a `DeliveryResult` for each recipient, from a closed set of causes; whatever goes wrong is a result and no
exception. It must never know the journal, the database, or why a letter is sent.
"""

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
