"""Unsubscribing, and its undo: the subscriber and the journal change together, or not at all."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pvd_mailer import clock
from pvd_mailer.database import Connection
from pvd_mailer.database.backup.suppressions import write_unknown_unsubscribes
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.i18n import N_
from pvd_mailer.journal.unsubscribes import (
    LastLetter,
    UnsubscribeEvent,
    find_unsubscribe,
    last_letters_to,
    last_unsubscribes,
    write_unsubscribes,
)
from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers.queries import Subscriber, address_keys_of, find_subscriber_by_ref
from pvd_mailer.subscribers.state_changes import UnsubscribedSubscriber, resubscribe, unsubscribe_refs

__all__ = [
    "SOURCE_OFFICE",
    "SOURCE_SITE",
    "UNDO_WINDOW",
    "ReaderStatus",
    "UndoResult",
    "UndoableUnsubscribe",
    "UnsubscribeResult",
    "get_reader_status",
    "publication_of_unsubscribe",
    "undo_unsubscribe_by_key",
    "unsubscribe",
    "unsubscribe_readers",
]

SOURCE_SITE: Final = N_("the readers' site")
"""What stands in a person's history as the source."""
SOURCE_OFFICE: Final = "pvd-mailer subscribers unsubscribe"
UNDO_WINDOW: Final = timedelta(hours=1)
"""How long an unsubscribe can be undone."""
_log = logging.getLogger(__name__)
_EVENT_SOURCES: Final = {SOURCE_SITE: "site", SOURCE_OFFICE: "office"}


class UndoableUnsubscribe(NamedTuple):
    """An unsubscribe that may still be undone: the key of its event, and since when it stands."""

    event_key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class UnsubscribeResult:
    """What became of somebody who wanted to leave.

    Attributes:
        is_new: Whether they were unsubscribed just now; else they were before, or are not known.
        undo: What may still be undone; None where nothing can.
        publication: Whose letter they had last.
    """

    is_new: bool = False
    undo: UndoableUnsubscribe | None = None
    publication: str | None = None


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """Whom the link of a letter names.

    Attributes:
        subscriber: None where nobody of that reference is known.
        publication: Whose letter they had last; None where they had none.
        undo: As `UnsubscribeResult.undo`.
    """

    subscriber: Subscriber | None = None
    publication: str | None = None
    undo: UndoableUnsubscribe | None = None

    @property
    def is_unsubscribed(self) -> bool:
        """Whether the link was used."""
        return self.subscriber is not None and self.subscriber.state is SubscriberState.UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What became of an undo.

    Attributes:
        is_undone: False where the reader is not known any more, or something else has happened since.
        publication: Whose letter they had last.
    """

    is_undone: bool = False
    publication: str | None = None


def get_reader_status(context: AppContext, ref: str) -> ReaderStatus:
    """Who it is that the link with `ref` names; nothing is changed.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        subscriber = find_subscriber_by_ref(connection, ref)
        if subscriber is None:
            return ReaderStatus()
        last_letter = last_letters_to(connection, [subscriber.address_key]).get(subscriber.address_key)
        event = last_unsubscribes(connection, [ref], clock.now() - UNDO_WINDOW).get(ref)
    return ReaderStatus(subscriber, _publication_of(last_letter), _undo_of(event))


def unsubscribe(context: AppContext, refs: Sequence[str]) -> dict[str, UnsubscribeResult]:
    """Unsubscribe the readers with these references, who asked for it at the site, in one transaction.

    Raises:
        DatabaseError: it cannot be written; nobody was unsubscribed.
    """
    with context.database.write() as connection:
        return unsubscribe_readers(connection, refs, clock.now(), SOURCE_SITE)


def unsubscribe_readers(
    connection: Connection, refs: Sequence[str], now: datetime, source: str
) -> dict[str, UnsubscribeResult]:
    """Unsubscribe the readers with these references, in the caller's transaction.

    At most some hundreds, in a handful of statements for all of them. Who is not known is written down all the same: it
    may be that this is not the database their letters were sent from.

    Args:
        connection: Of a transaction that writes.
        refs: References of subscribers; one that is there twice counts once.
        now: The moment of it.
        source: `SOURCE_SITE` or `SOURCE_OFFICE`; only what a reader did can be undone.

    Returns:
        The result by reference.
    """
    refs = list(dict.fromkeys(refs))
    results = _unsubscribe_subscribers(connection, refs, now, source)
    others = [ref for ref in refs if ref not in results]
    if others:
        results |= _unsubscribe_others(connection, others, now, source)
    return results


def _unsubscribe_subscribers(
    connection: Connection, refs: Sequence[str], now: datetime, source: str
) -> dict[str, UnsubscribeResult]:
    """Unsubscribe those who are not unsubscribed yet; their results alone."""
    unsubscribed = {person.ref: person for person in unsubscribe_refs(connection, refs, now, source)}
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
    for ref, (event, last_letter) in written.items():
        can_undo = _was_subscribed(unsubscribed[ref]) and source == SOURCE_SITE
        undo = UndoableUnsubscribe(event.key, now) if can_undo else None
        results[ref] = UnsubscribeResult(is_new=True, undo=undo, publication=_publication_of(last_letter))
    return results


def _unsubscribe_others(
    connection: Connection, refs: Sequence[str], now: datetime, source: str
) -> dict[str, UnsubscribeResult]:
    """The results of those who were unsubscribed before: what their first click did can be undone all the same.

    Whom nobody knows is written down.
    """
    earlier_events = last_unsubscribes(connection, refs, now - UNDO_WINDOW)
    keys_by_ref = address_keys_of(connection, refs)
    last_letters = last_letters_to(connection, list(keys_by_ref.values()))
    _write_unknown(connection, [ref for ref in refs if ref not in keys_by_ref], now, source)
    return {
        ref: UnsubscribeResult(
            undo=_undo_of(earlier_events.get(ref)),
            publication=_publication_of(last_letters.get(keys_by_ref.get(ref, ""))),
        )
        for ref in refs
    }


def _write_unknown(connection: Connection, refs: Collection[str], now: datetime, source: str) -> None:
    unknown_count = write_unknown_unsubscribes(connection, dict.fromkeys(refs, now), _EVENT_SOURCES[source])
    if unknown_count:  # they were forgotten, or it is the wrong database
        _log.warning("departure-unknown", extra={"fields": {"readers": unknown_count}})


def _was_subscribed(unsubscribed: UnsubscribedSubscriber) -> bool:
    return unsubscribed.previous_state is SubscriberState.SUBSCRIBED


def _publication_of(last_letter: LastLetter | None) -> str | None:
    return last_letter.publication if last_letter else None


def _undo_of(event: UnsubscribeEvent | None) -> UndoableUnsubscribe | None:
    return UndoableUnsubscribe(event.key, event.at) if event else None


def publication_of_unsubscribe(context: AppContext, event_key: str) -> str | None:
    """Whose letter somebody had last who was unsubscribed by the event with that key.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        event = find_unsubscribe(connection, event_key)
    return event.publication if event else None


def undo_unsubscribe_by_key(context: AppContext, event_key: str) -> UndoResult:
    """Undo the unsubscribe with that key: the former state, basis and proof come back.

    Raises:
        DatabaseError: it cannot be written; nothing was undone.
    """
    now = clock.now()
    with context.database.write() as connection:
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
