"""Taking events in: written down, and all that follows from them, in one transaction.

Whatever the order in which they come, and however often, the same events leave the same state: an event that is known
changes nothing, of what events say of a person the gravest counts, and nothing that happened before a person's own
sign-up counts against them.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pvd_mailer.database import Connection, Database
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.events.inbound import ParsedMail, UnreadReason
from pvd_mailer.journal import events as journal
from pvd_mailer.journal.events import FAILURE_KINDS, DeliveryEvent, RecipientKey
from pvd_mailer.journal.reconciliation import from_events
from pvd_mailer.redact import redact
from pvd_mailer.subscribers import bounces
from pvd_mailer.subscribers.bounces import SubscriberSummary, Suppression
from pvd_mailer.subscribers.mutations import lock_subscribers

__all__ = ["IngestResult", "ingest_events", "resolve_sender"]


@dataclass(slots=True)
class IngestResult:
    """What became of events that were told.

    Attributes:
        stored: New ones, written down.
        duplicates: Told before.
        unmatched: About nobody in the journal or on the list: not kept.
        changed: Subscribers by the state that they were put into.
        reconciled: By dispatch, recipients who count as having the letter since.
        kinds: The new ones, by kind.
    """

    stored: int = 0
    duplicates: int = 0
    unmatched: int = 0
    changed: Counter[SubscriberState] = field(default_factory=Counter)
    reconciled: Counter[str] = field(default_factory=Counter)
    kinds: Counter[EventKind] = field(default_factory=Counter)

    def add(self, other: "IngestResult") -> None:
        """Count `other` in."""
        self.stored += other.stored
        self.duplicates += other.duplicates
        self.unmatched += other.unmatched
        self.changed += other.changed
        self.reconciled += other.reconciled
        self.kinds += other.kinds


@dataclass(frozen=True, slots=True)
class _MatchedEvent:
    """An event, and whom it is about as far as anybody knows."""

    event: DeliveryEvent
    subscriber: SubscriberSummary | None


def ingest_events(
    database: Database, events: Sequence[DeliveryEvent], now: datetime, *, soft_bounces: int
) -> IngestResult:
    """Write `events` down and do what follows from them.

    Args:
        database: Of audience and journal.
        events: At most some thousands.
        now: When they were told.
        soft_bounces: From so many issues in a row that did not reach them, somebody is written to no more.

    Raises:
        DatabaseError: it cannot be written; nothing of it was.
    """
    with database.write() as connection:
        lock_subscribers(connection)  # nobody is forgotten, and nobody else counts, in the meantime
        return _ingest(connection, events, now, soft_bounces)


def _ingest(connection: Connection, events: Sequence[DeliveryEvent], now: datetime, soft_bounces: int) -> IngestResult:
    result = IngestResult()
    matches = _match_events(connection, list({event.key: event for event in events}.values()))
    result.unmatched = matches.unmatched
    new_keys = journal.write_events(
        connection,
        [
            (
                _redacted(matched),
                matched.subscriber.ref if matched.subscriber else None,
                matched.subscriber.domain if matched.subscriber else "",
            )
            for matched in matches.matched
        ],
        now,
    )
    fresh = [matched for matched in matches.matched if matched.event.key in new_keys]
    result.stored = len(fresh)
    result.duplicates = len(matches.matched) - len(fresh) + matches.duplicates
    result.kinds.update(matched.event.kind for matched in fresh)
    proofs = [
        matched.event for matched in fresh if matched.event.recipient and from_events.proves_acceptance(matched.event)
    ]
    result.reconciled = from_events.reconcile_events(
        connection,
        {proof.recipient for proof in proofs if proof.recipient},
        {(proof.recipient.dispatch_id, proof.call_id) for proof in proofs if proof.recipient and proof.call_id},
        now,
    )
    result.changed = bounces.apply_suppressions(connection, _suppressions(fresh), now)
    result.changed += _apply_soft_bounces(connection, fresh, soft_bounces, now)
    return result


def resolve_sender(connection: Connection, mail: ParsedMail) -> ParsedMail:
    """`mail`, left for a person where it is about nobody that we know."""
    if mail.unread_reason:
        return mail
    recipients = {event.recipient for event in mail.events if event.recipient}
    address_keys = {event.address_key for event in mail.events if event.address_key and not event.recipient}
    if recipients and not journal.existing_recipients(connection, recipients):
        return ParsedMail(unread_reason=UnreadReason.NOT_OURS)
    if address_keys and not bounces.find_summaries(connection, (), address_keys):
        return ParsedMail(is_unsubscribe=mail.is_unsubscribe, unread_reason=UnreadReason.STRANGER)
    return mail


@dataclass(slots=True)
class _Matches:
    """Events, and whom each is about as far as anybody knows."""

    matched: list[_MatchedEvent] = field(default_factory=list)
    unmatched: int = 0
    duplicates: int = 0


def _match_events(connection: Connection, events: Collection[DeliveryEvent]) -> _Matches:
    """Find the people: by our own reference first, else by the address."""
    refs_by_recipient = journal.existing_recipients(
        connection, {reported.recipient for reported in events if reported.recipient}
    )
    placed_events = [
        reported
        if reported.recipient in refs_by_recipient
        else replace(reported, recipient=None, call_id=None)  # of another journal, or of none
        for reported in events
    ]
    refs = {ref for ref in refs_by_recipient.values() if ref}
    subscribers = bounces.find_summaries(
        connection,
        refs,
        {reported.address_key for reported in placed_events if reported.address_key and not reported.recipient},
    )
    by_ref, by_key = (
        {subscriber.ref: subscriber for subscriber in subscribers},
        {subscriber.address_key: subscriber for subscriber in subscribers},
    )
    guessed_recipients = _guess_letters(connection, placed_events, by_key)
    result = _Matches()
    for event in placed_events:
        if event.recipient:
            ref = refs_by_recipient[event.recipient]  # None: forgotten, whoever has the address today
            subscriber = by_ref.get(ref) if ref else None
            result.matched.append(_MatchedEvent(_downgrade_forwarded(event, subscriber), subscriber))
        elif event.address_key and event.address_key in by_key:
            recipient = guessed_recipients.get(event.key)
            result.matched.append(_MatchedEvent(replace(event, recipient=recipient), by_key[event.address_key]))
        else:
            result.unmatched += 1
    _drop_reported_twice(connection, result)
    return result


def _guess_letters(
    connection: Connection, events: Collection[DeliveryEvent], people: Mapping[str, SubscriberSummary]
) -> dict[str, RecipientKey]:
    """Which letter events are about that do not say: event's key -> place.

    Whoever leaves does so by the last letter that they had, however old. An entry of a provider's list is about the
    last one if that left a few days before. Of anything else nothing is guessed.
    """
    leaving: dict[str, DeliveryEvent] = {}
    list_entries: dict[str, DeliveryEvent] = {}
    for event in events:
        if event.recipient or event.address_key not in people:
            continue
        if event.kind is EventKind.UNSUBSCRIBED:
            leaving[event.key] = event
        elif event.source == "sync" and event.kind in {*FAILURE_KINDS, EventKind.COMPLAINED}:
            list_entries[event.key] = event
    recipients: dict[str, RecipientKey] = {}
    for group, max_age in ((leaving, None), (list_entries, journal.RETRY_PERIOD)):
        latest_by_address: dict[str, datetime] = {}
        for event in group.values():
            key = event.address_key or ""
            latest_by_address[key] = max(event.at, latest_by_address.get(key, event.at))
        last_letters = journal.last_letters(connection, latest_by_address, max_age)
        recipients |= {
            key: last_letters[event.address_key] for key, event in group.items() if event.address_key in last_letters
        }
    return recipients


def _downgrade_forwarded(event: DeliveryEvent, subscriber: SubscriberSummary | None) -> DeliveryEvent:
    """A report that came by mail, which anybody can write, and that names another address than we wrote to.

    It may be where somebody's mail is forwarded to: the letter did not arrive, and the address itself may be good.
    """
    names_another = subscriber and event.address_key and event.address_key != subscriber.address_key
    if not names_another or event.source != "maildir" or event.kind is not EventKind.BOUNCED:
        return event
    return replace(event, kind=EventKind.BLOCKED, key=f"{event.key}:forwarded", suppresses=None)


def _drop_reported_twice(connection: Connection, matches: _Matches) -> None:
    """What came back is told by the webhook, by the lists, by mail: one letter comes back once."""
    once_kinds = (EventKind.BOUNCED, EventKind.BLOCKED)
    recipients = {
        matched.event.recipient
        for matched in matches.matched
        if matched.event.recipient and matched.event.kind in once_kinds
    }
    known_outcomes = journal.known_outcomes(connection, recipients)
    sources: dict[tuple[RecipientKey, EventKind], set[str]] = {}
    for recipient, kind, source in known_outcomes:
        sources.setdefault((recipient, kind), set()).add(source)
    remaining = [
        matched
        for matched in matches.matched
        if not (
            matched.event.recipient
            and matched.event.kind in once_kinds
            and sources.get((matched.event.recipient, matched.event.kind), set()) - {matched.event.source}
        )
    ]
    matches.duplicates = len(matches.matched) - len(remaining)
    matches.matched = remaining


def _redacted(matched: _MatchedEvent) -> DeliveryEvent:
    """Without the person's name, which some servers greet them by."""
    if not matched.subscriber or not matched.event.reason:
        return matched.event
    local = matched.subscriber.address_key.rpartition("@")[0]
    return replace(matched.event, reason=redact(matched.event.reason, without=(local, *matched.subscriber.names)))


def _suppressions(fresh: Sequence[_MatchedEvent]) -> list[Suppression]:
    suppressions = []
    for matched in sorted(fresh, key=lambda item: (item.event.at, item.event.key)):
        subscriber, event = matched.subscriber, matched.event
        if subscriber and event.suppresses and (subscriber.signed_up_at is None or event.at >= subscriber.signed_up_at):
            suppressions.append(Suppression(subscriber, event.suppresses, event.source, _redacted(matched).reason))
    return suppressions


def _apply_soft_bounces(
    connection: Connection, fresh: Sequence[_MatchedEvent], soft_bounces: int, now: datetime
) -> Counter[SubscriberState]:
    """Judge anew whom a letter did not reach, or whom one reached after all who was counted out."""
    subscribers = {
        matched.subscriber.address_key: matched.subscriber
        for matched in fresh
        if matched.subscriber
        and (
            matched.event.kind in FAILURE_KINDS
            or (matched.event.kind is EventKind.DELIVERED and matched.subscriber.state is SubscriberState.BOUNCED)
        )
    }
    failure_counts = journal.consecutive_failures(
        connection, {key: subscriber.signed_up_at for key, subscriber in subscribers.items()}
    )
    return bounces.apply_soft_bounces(
        connection, {subscribers[key].id: failures for key, failures in failure_counts.items()}, soft_bounces, now
    )
