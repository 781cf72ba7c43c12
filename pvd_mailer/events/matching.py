"""Whom events are about: the recipient that they name, else the subscriber with that address."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from pvd_mailer.database import Connection
from pvd_mailer.database.states import EventKind
from pvd_mailer.journal import events as journal
from pvd_mailer.journal.events import FAILURE_KINDS, DeliveryEvent, RecipientKey
from pvd_mailer.subscribers import bounces
from pvd_mailer.subscribers.bounces import SubscriberSummary

__all__ = ["EventMatches", "MatchedEvent", "match_events"]

_REPORTED_ONCE = (EventKind.BOUNCED, EventKind.BLOCKED)


@dataclass(frozen=True, slots=True)
class MatchedEvent:
    """An event, and whom it is about as far as anybody knows."""

    event: DeliveryEvent
    subscriber: SubscriberSummary | None


class EventMatches(NamedTuple):
    """Events that are about somebody whom we know.

    Attributes:
        matched: They, with whom they are about.
        unmatched: The keys of others that are about nobody in the journal or on the list.
        duplicates: How many others tell of what another source has told.
    """

    matched: list[MatchedEvent]
    unmatched: set[str]
    duplicates: int


def match_events(connection: Connection, events: Collection[DeliveryEvent]) -> EventMatches:
    """Find whom each of `events` is about: by our own reference first, else by the address."""
    refs = journal.existing_recipients(connection, {event.recipient for event in events if event.recipient})
    own_events = [_without_foreign_recipient(event, refs) for event in events]
    subscribers = bounces.find_summaries(
        connection,
        {ref for ref in refs.values() if ref},
        {event.address_key for event in own_events if event.address_key and not event.recipient},
    )
    by_ref = {subscriber.ref: subscriber for subscriber in subscribers}
    by_key = {subscriber.address_key: subscriber for subscriber in subscribers}
    guessed = _guess_letters(connection, own_events, by_key)
    matched: list[MatchedEvent] = []
    unmatched: set[str] = set()
    for event in own_events:
        if event.recipient:
            ref = refs[event.recipient]  # None: forgotten, whoever has the address today
            subscriber = by_ref.get(ref) if ref else None
            matched.append(MatchedEvent(_downgrade_forwarded(event, subscriber), subscriber))
        elif event.address_key in by_key:
            matched.append(MatchedEvent(replace(event, recipient=guessed.get(event.key)), by_key[event.address_key]))
        else:
            unmatched.add(event.key)
    remaining = _without_reported_twice(connection, matched)
    return EventMatches(remaining, unmatched, len(matched) - len(remaining))


def _without_foreign_recipient(event: DeliveryEvent, refs: Mapping[RecipientKey, str | None]) -> DeliveryEvent:
    """`event`, without a recipient of another journal, or of none."""
    return event if event.recipient in refs else replace(event, recipient=None, call_id=None)


def _guess_letters(
    connection: Connection, events: Collection[DeliveryEvent], by_key: Mapping[str, SubscriberSummary]
) -> dict[str, RecipientKey]:
    """Which letter events are about that do not say: event's key -> recipient.

    Whoever leaves does so by the last letter that they had, however old. An entry of a provider's list is about the
    last one if that left a few days before. Of anything else nothing is guessed.
    """
    leaving: dict[str, DeliveryEvent] = {}
    list_entries: dict[str, DeliveryEvent] = {}
    for event in events:
        if event.recipient or event.address_key not in by_key:
            continue
        if event.kind is EventKind.UNSUBSCRIBED:
            leaving[event.key] = event
        elif event.source == "sync" and event.kind in {*FAILURE_KINDS, EventKind.COMPLAINED}:
            list_entries[event.key] = event
    recipients: dict[str, RecipientKey] = {}
    for group, max_age in ((leaving, None), (list_entries, journal.RETRY_PERIOD)):
        last_letters = journal.last_letters(connection, _latest_by_address(group.values()), max_age)
        recipients |= {
            key: last_letters[event.address_key] for key, event in group.items() if event.address_key in last_letters
        }
    return recipients


def _latest_by_address(events: Iterable[DeliveryEvent]) -> dict[str, datetime]:
    latest: dict[str, datetime] = {}
    for event in events:
        key = event.address_key or ""
        latest[key] = max(event.at, latest.get(key, event.at))
    return latest


def _downgrade_forwarded(event: DeliveryEvent, subscriber: SubscriberSummary | None) -> DeliveryEvent:
    """A report that came by mail, which anybody can write, and that names another address than we wrote to.

    It may be where somebody's mail is forwarded to: the letter did not arrive, and the address itself may be good.
    """
    names_another = subscriber and event.address_key and event.address_key != subscriber.address_key
    if not names_another or event.source != "maildir" or event.kind is not EventKind.BOUNCED:
        return event
    return replace(event, kind=EventKind.BLOCKED, key=f"{event.key}:forwarded", suppresses=None)


def _without_reported_twice(connection: Connection, matched: Sequence[MatchedEvent]) -> list[MatchedEvent]:
    """What came back is told by the webhook, by the lists, by mail: one letter comes back once."""
    recipients = {
        item.event.recipient for item in matched if item.event.recipient and item.event.kind in _REPORTED_ONCE
    }
    sources: dict[tuple[RecipientKey, EventKind], set[str]] = {}
    for recipient, kind, source in journal.known_outcomes(connection, recipients):
        sources.setdefault((recipient, kind), set()).add(source)
    return [item for item in matched if not _is_told_by_another(item.event, sources)]


def _is_told_by_another(event: DeliveryEvent, sources: Mapping[tuple[RecipientKey, EventKind], set[str]]) -> bool:
    if event.recipient is None or event.kind not in _REPORTED_ONCE:
        return False
    return bool(sources.get((event.recipient, event.kind), set()) - {event.source})
