"""Observing: what providers and mailboxes tell is taken in, and the record beside an issue follows."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pvd_mailer import clock
from pvd_mailer.chunked import chunked
from pvd_mailer.database import DatabaseError
from pvd_mailer.database.key_binding import get_fact, set_fact
from pvd_mailer.database.states import DispatchState
from pvd_mailer.events import DeliveryEvent, IngestResult, ingest_events
from pvd_mailer.events.inbound import UnreadReason, parse_mail
from pvd_mailer.events.ingest import resolve_sender
from pvd_mailer.events.maildir import Maildir
from pvd_mailer.events.sendgrid import (
    SUPPRESSION_LISTS,
    NotEventsError,
    ParsedEvents,
    parse_suppression_list,
    parse_webhook,
)
from pvd_mailer.journal import dispatches
from pvd_mailer.send.channels.choice import open_sendgrid
from pvd_mailer.send.sent_file import ForeignSendError, SentFileError
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import update_sent_file_if_idle

__all__ = [
    "ListSyncResult",
    "MailboxSyncResult",
    "WebhookResult",
    "ingest_webhook",
    "sync_mailbox",
    "sync_suppression_lists",
]

_OVERLAP = timedelta(days=2)
"""A list is asked again for the days before the last time: an entry may appear in it late."""
_MAILS_PER_BATCH = 200
"""Mails taken in at once."""
_SYNC_FACT = "sync-sendgrid"


@dataclass(slots=True)
class ListSyncResult:
    """What SendGrid's lists told.

    Attributes:
        entries: By list, how many were understood.
        malformed: How many others were not.
        since: From when on; None for all there is.
    """

    since: str | None = None
    entries: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    ingested: IngestResult = field(default_factory=IngestResult)


@dataclass(slots=True)
class MailboxSyncResult:
    """What the mails of a Maildir told.

    Attributes:
        bounces: Mails that say that a letter did not arrive, or arrives late.
        deliveries: Mails that say that a letter did arrive, or went on.
        unsubscribes: Mails by which somebody left.
        unread: The others, which a person has to read, by why.
    """

    bounces: int = 0
    deliveries: int = 0
    unsubscribes: int = 0
    unread: Counter[UnreadReason] = field(default_factory=Counter)
    ingested: IngestResult = field(default_factory=IngestResult)

    @property
    def understood(self) -> int:
        """How many mails were understood."""
        return self.bounces + self.deliveries + self.unsubscribes

    @property
    def total(self) -> int:
        """How many mails were read."""
        return self.understood + self.unread.total()


@dataclass(frozen=True, slots=True)
class WebhookResult:
    """What became of the events of one call of the webhook.

    Attributes:
        stored: New ones, written down.
        duplicates: Told before, or by a call before this one in the same transaction.
        unmatched: About nobody in the journal or on the list: not kept.
        skipped: The others, by why: see `ParsedEvents`.
    """

    stored: int
    duplicates: int
    unmatched: int
    skipped: Counter[str]


def ingest_webhook(context: AppContext, bodies: Sequence[bytes]) -> list[WebhookResult | None]:
    """Take in calls of SendGrid's webhook, whose signatures were verified, in one transaction: all of them, or none.

    Gives what became of each, in their order; None for one that is no array of events, which costs the others nothing.

    Raises:
        DatabaseError: they cannot be written; nothing of them was.
    """
    now = clock.now()
    calls = [_parse_call(body, now, context) for body in bodies]
    events: dict[str, DeliveryEvent] = {}
    for parsed in calls:
        # Of two tellings in one call the last counts, and of two calls the first, as if they came one after another.
        told = {event.key: event for event in parsed.events} if parsed else {}
        for key, event in told.items():
            events.setdefault(key, event)
    ingested = IngestResult()
    _ingest(context, ingested, list(events.values()))
    stored_keys = set(ingested.stored_keys)
    return [None if parsed is None else _result_of(parsed, stored_keys, ingested.unmatched_keys) for parsed in calls]


def _parse_call(body: bytes, now: datetime, context: AppContext) -> ParsedEvents | None:
    try:
        return parse_webhook(body, now, context.keys.trace)
    except NotEventsError:
        return None


def _result_of(parsed: ParsedEvents, stored_keys: set[str], unmatched_keys: set[str]) -> WebhookResult:
    """What became of one call; its new events are taken out of `stored_keys`, for they are new once."""
    keys = {event.key for event in parsed.events}
    stored, unmatched = keys & stored_keys, keys & unmatched_keys
    stored_keys -= stored
    return WebhookResult(len(stored), len(keys) - len(stored) - len(unmatched), len(unmatched), parsed.skipped)


def sync_suppression_lists(
    context: AppContext, *, everything: bool = False, on_list: Callable[[str], None] = lambda _name: None
) -> ListSyncResult:
    """Fetch what is new in SendGrid's suppression lists, and take it in.

    Args:
        context: Where, and with which settings.
        everything: Ask for all there is, and not only for what is new since the last time.
        on_list: Called with the name of each list before it is asked for.

    Raises:
        WrongUsageError: SendGrid is not set up, or the key may not read the lists.
        ListsError: SendGrid cannot be reached.
        DatabaseError: what it told cannot be written.
    """
    result = ListSyncResult()
    end = clock.now()
    with open_sendgrid(context.settings).suppressions() as lists:
        start = 0
        with context.database.read() as connection:
            last_end = _last_sync_end(get_fact(connection, _SYNC_FACT), lists.account)
        if last_end is not None and not everything:
            start = max(last_end - int(_OVERLAP.total_seconds()), 0)
            result.since = _iso_date(start)
        for name in SUPPRESSION_LISTS:
            on_list(name)
            for page in lists.pages(name, start, int(end.timestamp())):
                parsed = parse_suppression_list(name, page, clock.now(), context.keys.trace)
                result.entries[name] += len(parsed.events)
                result.malformed += parsed.skipped.total()
                _ingest(context, result.ingested, parsed.events)
        with context.database.write() as connection:
            value = {"account": lists.account, "until": int(end.timestamp())}
            set_fact(connection, _SYNC_FACT, json.dumps(value, sort_keys=True))
    return result


def sync_mailbox(
    context: AppContext, folder: Path, *, on_progress: Callable[[int], None] = lambda _count: None
) -> MailboxSyncResult:
    """Read the mails that came back into the Maildir `folder`, or by which somebody leaves, and take them in.

    What was understood is put away once it is written down; the rest stays, for a person. Whoever is killed in the
    middle begins again: what was written down and not put away is known.

    Args:
        context: Where, and with which settings.
        folder: The Maildir.
        on_progress: Called now and then with the number of mails read.

    Raises:
        WrongUsageError: it is no Maildir.
        DatabaseError: what it told cannot be written.
        OSError: a mail cannot be put away.
    """
    maildir = Maildir(folder)
    lists = _list_ids(context)
    result = MailboxSyncResult()
    for paths in chunked(maildir.unseen(), _MAILS_PER_BATCH):
        now = clock.now()
        mails = [(path, parse_mail(maildir.read_head(path), lists, now, context.keys)) for path in paths]
        with context.database.read() as connection:
            mails = [(path, resolve_sender(connection, mail)) for path, mail in mails]
        _ingest(
            context,
            result.ingested,
            [event for _path, mail in mails if not mail.unread_reason for event in mail.events],
        )
        for path, mail in mails:
            if mail.unread_reason:
                result.unread[mail.unread_reason] += 1
                continue
            maildir.mark_seen(path)
            result.unsubscribes += mail.is_unsubscribe
            result.deliveries += mail.is_delivery
            result.bounces += not (mail.is_unsubscribe or mail.is_delivery)
        on_progress(result.total)
    return result


def _ingest(context: AppContext, total: IngestResult, events: list[DeliveryEvent]) -> None:
    if events:
        with context.database.write() as connection:
            ingested = ingest_events(connection, events, clock.now(), soft_bounces=context.settings.soft_bounces)
        total.add(ingested)
        _update_sent_files(context, ingested.reconciled)


def _update_sent_files(context: AppContext, dispatch_ids: Iterable[str]) -> None:
    """Bring the records beside the issues up to date. Where one cannot be written, the next command on it will."""
    for dispatch_id in dispatch_ids:
        # The events are durable already: nothing that fails here may say that they are not.
        with suppress(DatabaseError, SentFileError, ForeignSendError):
            with context.database.read() as connection:
                dispatch = dispatches.find_dispatch(connection, dispatch_id)
            update_sent_file_if_idle(context, dispatch)


def _list_ids(context: AppContext) -> frozenset[str]:
    """Of all letters that were ever approved: somebody may answer an old one."""
    with context.database.read() as connection:
        return frozenset(
            dispatch.approval.list_id.casefold()
            for dispatch in dispatches.dispatches_in_state(connection, tuple(DispatchState))
        )


def _last_sync_end(fact: str | None, account: str) -> int | None:
    """Until when the lists of this account were read; None where they never were."""
    try:
        value = json.loads(fact) if fact else {}
        return int(value["until"]) if value.get("account") == account else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _iso_date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
