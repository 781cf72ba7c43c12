"""Taking events in: written down, and all that follows from them, in one transaction.

Whatever the order in which they come, and however often, the same events leave the same state: an event that is known
changes nothing, of what events say of a person the gravest counts, and nothing that happened before a person's own
sign-up counts against them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pvd_mailer.database import Connection
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.events.inbound import ParsedMail, UnreadReason
from pvd_mailer.events.matching import MatchedEvent, match_events
from pvd_mailer.journal import events as journal
from pvd_mailer.journal.events import FAILURE_KINDS, DeliveryEvent
from pvd_mailer.journal.queries.consecutive_failures import consecutive_failures
from pvd_mailer.journal.reconciliation import from_events
from pvd_mailer.redact import redact
from pvd_mailer.subscribers import bounces
from pvd_mailer.subscribers.bounces import Suppression
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
        stored_keys: The keys of the new ones.
        unmatched_keys: Of those about nobody.
    """

    stored: int = 0
    duplicates: int = 0
    unmatched: int = 0
    changed: Counter[SubscriberState] = field(default_factory=Counter)
    reconciled: Counter[str] = field(default_factory=Counter)
    kinds: Counter[EventKind] = field(default_factory=Counter)
    stored_keys: set[str] = field(default_factory=set)
    unmatched_keys: set[str] = field(default_factory=set)

    def add(self, other: "IngestResult") -> None:
        """Count `other` in."""
        self.stored += other.stored
        self.duplicates += other.duplicates
        self.unmatched += other.unmatched
        self.changed += other.changed
        self.reconciled += other.reconciled
        self.kinds += other.kinds
        self.stored_keys |= other.stored_keys
        self.unmatched_keys |= other.unmatched_keys


def ingest_events(
    connection: Connection, events: Sequence[DeliveryEvent], now: datetime, *, soft_bounces: int
) -> IngestResult:
    """Write `events` down and do what follows from them.

    Args:
        connection: The transaction, which holds all of it, or nothing.
        events: At most some thousands.
        now: When they were told.
        soft_bounces: From so many issues in a row that did not reach them, somebody is written to no more.

    Raises:
        DatabaseError: it cannot be written.
    """
    lock_subscribers(connection)  # nobody is forgotten, and nobody else counts, in the meantime
    result = IngestResult()
    matches = match_events(connection, list({event.key: event for event in events}.values()))
    result.unmatched, result.unmatched_keys = len(matches.unmatched), matches.unmatched
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
    result.stored, result.stored_keys = len(fresh), {matched.event.key for matched in fresh}
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


def _redacted(matched: MatchedEvent) -> DeliveryEvent:
    """Without the person's name, which some servers greet them by."""
    if not matched.subscriber or not matched.event.reason:
        return matched.event
    local = matched.subscriber.address_key.rpartition("@")[0]
    return replace(matched.event, reason=redact(matched.event.reason, without=(local, *matched.subscriber.names)))


def _suppressions(fresh: Sequence[MatchedEvent]) -> list[Suppression]:
    suppressions = []
    for matched in sorted(fresh, key=lambda item: (item.event.at, item.event.key)):
        subscriber, event = matched.subscriber, matched.event
        if subscriber and event.suppresses and (subscriber.signed_up_at is None or event.at >= subscriber.signed_up_at):
            suppressions.append(Suppression(subscriber, event.suppresses, event.source, _redacted(matched).reason))
    return suppressions


def _apply_soft_bounces(
    connection: Connection, fresh: Sequence[MatchedEvent], soft_bounces: int, now: datetime
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
    if not subscribers:  # as most often; what follows reads what was sealed with every dispatch
        return Counter()
    failure_counts = consecutive_failures(
        connection, {key: subscriber.signed_up_at for key, subscriber in subscribers.items()}
    )
    return bounces.apply_soft_bounces(
        connection, {subscribers[key].id: failures for key, failures in failure_counts.items()}, soft_bounces, now
    )
