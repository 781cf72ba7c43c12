"""What became of a letter after it left: events, what they change, and the report."""

from pvd_mailer.database.states import EventKind
from pvd_mailer.journal.events import Event, Place
from pvd_mailer.observe.intake import Taken, take_in

__all__ = ["Event", "EventKind", "Place", "Taken", "take_in"]
