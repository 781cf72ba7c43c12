"""How a letter leaves: one channel a file, all behind one small interface."""

from pvd_mailer.send.channels.base import Channel, Outcome, Parcel, Result
from pvd_mailer.send.channels.outbox import Outbox

__all__ = ["Channel", "Outbox", "Outcome", "Parcel", "Result"]
