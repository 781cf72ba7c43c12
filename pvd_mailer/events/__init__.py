"""What became of a letter after it left: events, what they change, and the report."""

from pvd_mailer.database.states import EventKind
from pvd_mailer.events.ingest import IngestResult, ingest_events
from pvd_mailer.journal.events import DeliveryEvent, RecipientKey

__all__ = ["DeliveryEvent", "EventKind", "IngestResult", "RecipientKey", "ingest_events"]
