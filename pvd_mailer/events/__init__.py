"""Delivery events: what providers and mailboxes report of single messages -> the journal, and who is suppressed for it.

Hands on `ingest_events`, and beside it the readers of SendGrid's webhook and lists, of DSNs and of wishes to
unsubscribe in a Maildir. Everything that it reads is hostile until it was read here; it never sends or prints.
"""

from pvd_mailer.database.states import EventKind
from pvd_mailer.events.ingest import IngestResult, ingest_events
from pvd_mailer.journal.events import DeliveryEvent, RecipientKey

__all__ = ["DeliveryEvent", "EventKind", "IngestResult", "RecipientKey", "ingest_events"]
