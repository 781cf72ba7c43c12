"""Leaving, and taking it back: the subscriber and the journal change together, or not at all."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pvd_mailer.database import Connection
from pvd_mailer.database.backup.suppressions import write_unknown_unsubscribes
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.i18n import N_
from pvd_mailer.journal.unsubscribes import find_unsubscribe, last_letters_to, last_unsubscribes, write_unsubscribes
from pvd_mailer.subscribers.mutations import UnsubscribedSubscriber, resubscribe, unsubscribe_refs
from pvd_mailer.subscribers.queries import Subscriber, address_keys_of, find_subscriber_by_ref

__all__ = [
    "SOURCE_OFFICE",
    "SOURCE_SITE",
    "UNDO_WINDOW",
    "ReaderStatus",
    "UndoResult",
    "UnsubscribeResult",
    "get_reader_status",
    "publication_of_unsubscribe",
    "undo_unsubscribe_by_key",
    "unsubscribe_readers",
]

SOURCE_SITE: Final = N_("the readers' site")
"""What stands in a person's history as the source."""
SOURCE_OFFICE: Final = "pvd-mailer subscribers unsubscribe"
UNDO_WINDOW: Final = timedelta(hours=1)
"""How long a departure can be taken back."""
_log = logging.getLogger(__name__)
_EVENT_SOURCES: Final = {SOURCE_SITE: "site", SOURCE_OFFICE: "office"}


@dataclass(frozen=True, slots=True)
class UnsubscribeResult:
    """What became of somebody who wanted to leave.

    Attributes:
        is_new: Whether they left just now; else they had left already, or are not known.
        undo: The key of the departure that may still be taken back, and since when it stands.
        publication: Whose letter they had last.
    """

    is_new: bool = False
    undo: tuple[str, datetime] | None = None
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """Whom the link of a letter names.

    Attributes:
        subscriber: None where nobody of that reference is known.
        publication: Whose letter they had last; None where they had none.
        undo: As `Left.undo`.
    """

    subscriber: Subscriber | None = None
    publication: str | None = None
    undo: tuple[str, datetime] | None = None

    @property
    def is_unsubscribed(self) -> bool:
        """Whether the link was used."""
        return self.subscriber is not None and self.subscriber.state is SubscriberState.UNSUBSCRIBED


def get_reader_status(connection: Connection, ref: str, now: datetime) -> ReaderStatus:
    """Who it is that the link with `ref` names; nothing is changed."""
    subscriber = find_subscriber_by_ref(connection, ref)
    if subscriber is None:
        return ReaderStatus()
    last_letter = last_letters_to(connection, [subscriber.address_key]).get(subscriber.address_key)
    event = last_unsubscribes(connection, [ref], now - UNDO_WINDOW).get(ref)
    return ReaderStatus(
        subscriber, last_letter.publication if last_letter else None, (event.key, event.at) if event else None
    )


def unsubscribe_readers(
    connection: Connection, refs: Sequence[str], now: datetime, source: str
) -> dict[str, UnsubscribeResult]:
    """Let those with these references go: at most some hundreds, in a handful of statements for all of them.

    Who is not known is written down all the same: it may be that this is not the database their letters were sent from.
    """
    unique_refs = list(dict.fromkeys(refs))
    unsubscribed = {person.ref: person for person in unsubscribe_refs(connection, unique_refs, now, source)}
    written = write_unsubscribes(
        connection,
        # Nobody is brought back whose mail had come back in error before they left.
        [
            (person.ref, person.address_key, "" if _was_subscribed(person) else str(person.previous_state))
            for person in unsubscribed.values()
        ],
        EventKind.UNSUBSCRIBED,
        now,
        _EVENT_SOURCES[source],
    )
    results: dict[str, UnsubscribeResult] = {}
    for ref, (event, letter) in written.items():
        undo = (event.key, now) if _was_subscribed(unsubscribed[ref]) and source == SOURCE_SITE else None
        results[ref] = UnsubscribeResult(is_new=True, undo=undo, publication=letter.publication if letter else None)
    other_refs = [ref for ref in unique_refs if ref not in results]
    if other_refs:  # a second click: what the first one did can be taken back all the same
        earlier_events = last_unsubscribes(connection, other_refs, now - UNDO_WINDOW)
        keys_by_ref = address_keys_of(connection, other_refs)
        last_letters = last_letters_to(connection, list(keys_by_ref.values()))
        unknown_count = write_unknown_unsubscribes(
            connection, {ref: now for ref in other_refs if ref not in keys_by_ref}, _EVENT_SOURCES[source]
        )
        if unknown_count:  # they were forgotten, or it is the wrong database
            _log.warning("departure-unknown", extra={"fields": {"readers": unknown_count}})
        for ref in other_refs:
            earlier_event, last_letter = earlier_events.get(ref), last_letters.get(keys_by_ref.get(ref, ""))
            undo = (earlier_event.key, earlier_event.at) if earlier_event else None
            results[ref] = UnsubscribeResult(undo=undo, publication=last_letter.publication if last_letter else None)
    return results


def _was_subscribed(unsubscribed: UnsubscribedSubscriber) -> bool:
    return unsubscribed.previous_state is SubscriberState.SUBSCRIBED


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What became of somebody who took it back.

    Attributes:
        is_undone: False where they are not known any more, or something else has happened since.
        publication: Whose letter they had last.
    """

    is_undone: bool = False
    publication: str | None = None


def publication_of_unsubscribe(connection: Connection, event_key: str) -> str | None:
    """Whose letter somebody had last who left by the departure with that key."""
    event = find_unsubscribe(connection, event_key)
    return event.publication if event else None


def undo_unsubscribe_by_key(connection: Connection, event_key: str, now: datetime) -> UndoResult:
    """Take the departure with that key back: the former state, basis and proof."""
    event = find_unsubscribe(connection, event_key)
    if event is None:
        return UndoResult()
    if not resubscribe(connection, event.subscriber_ref, event.at, now, SOURCE_SITE):
        return UndoResult(publication=event.publication)
    subscriber = find_subscriber_by_ref(connection, event.subscriber_ref)
    if subscriber is not None:
        write_unsubscribes(
            connection, [(subscriber.ref, subscriber.address_key, "")], EventKind.RESUBSCRIBED, now, "site"
        )
    return UndoResult(is_undone=True, publication=event.publication)
