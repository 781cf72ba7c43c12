"""Leaving, and taking it back: the subscriber and the journal change together, or not at all."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pvd_mailer.audience.changes import Gone, let_go, take_back
from pvd_mailer.audience.subscribers import Subscriber, find_by_ref, keys_of
from pvd_mailer.database import Connection
from pvd_mailer.database.leavers import write_unknown
from pvd_mailer.database.states import EventKind, SubscriberState
from pvd_mailer.i18n import N_
from pvd_mailer.journal.departures import find_departure, last_departures, last_reached, write_departures

__all__ = ["OFFICE", "SITE", "UNDO", "Left", "Reader", "Returned", "departed_from", "leave", "look", "return_"]

SITE: Final = N_("the readers' site")
"""What stands in a person's history as the source."""
OFFICE: Final = "pvd-mailer subscribers unsubscribe"
UNDO: Final = timedelta(hours=1)
"""How long a departure can be taken back."""
_log = logging.getLogger(__name__)
_SOURCES: Final = {SITE: "site", OFFICE: "office"}


@dataclass(frozen=True, slots=True)
class Left:
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
class Reader:
    """Whom the link of a letter names.

    Attributes:
        one: None where nobody of that reference is known.
        publication: Whose letter they had last; None where they had none.
        undo: As `Left.undo`.
    """

    one: Subscriber | None = None
    publication: str | None = None
    undo: tuple[str, datetime] | None = None

    @property
    def has_left(self) -> bool:
        """Whether the link was used."""
        return self.one is not None and self.one.state is SubscriberState.UNSUBSCRIBED


def look(connection: Connection, ref: str, now: datetime) -> Reader:
    """Who it is that the link with `ref` names; nothing is changed."""
    one = find_by_ref(connection, ref)
    if one is None:
        return Reader()
    letter = last_reached(connection, [one.address_key]).get(one.address_key)
    left = last_departures(connection, [ref], now - UNDO).get(ref)
    return Reader(one, letter.publication if letter else None, (left.key, left.at) if left else None)


def leave(connection: Connection, refs: Sequence[str], now: datetime, source: str) -> dict[str, Left]:
    """Let those with these references go: at most some hundreds, in a handful of statements for all of them.

    Who is not known is written down all the same: it may be that this is not the database their letters were sent from.
    """
    wanted = list(dict.fromkeys(refs))
    gone = {one.ref: one for one in let_go(connection, wanted, now, source)}
    made = write_departures(
        connection,
        # Nobody is brought back whose mail had come back in error before they left.
        [(one.ref, one.address_key, "" if _was_here(one) else str(one.was)) for one in gone.values()],
        EventKind.UNSUBSCRIBED,
        now,
        _SOURCES[source],
    )
    told: dict[str, Left] = {}
    for ref, (event, letter) in made.items():
        undo = (event.key, now) if _was_here(gone[ref]) and source == SITE else None
        told[ref] = Left(is_new=True, undo=undo, publication=letter.publication if letter else None)
    again = [ref for ref in wanted if ref not in told]
    if again:  # a second click: what the first one did can be taken back all the same
        earlier = last_departures(connection, again, now - UNDO)
        keys = keys_of(connection, again)
        reached = last_reached(connection, list(keys.values()))
        unknown = write_unknown(connection, {ref: now for ref in again if ref not in keys}, _SOURCES[source])
        if unknown:  # they were forgotten, or it is the wrong database
            _log.warning("departure-unknown", extra={"fields": {"readers": unknown}})
        for ref in again:
            left, had = earlier.get(ref), reached.get(keys.get(ref, ""))
            undo = (left.key, left.at) if left else None
            told[ref] = Left(undo=undo, publication=had.publication if had else None)
    return told


def _was_here(one: Gone) -> bool:
    return one.was is SubscriberState.SUBSCRIBED


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of somebody who took it back.

    Attributes:
        is_back: False where they are not known any more, or something else has happened since.
        publication: Whose letter they had last.
    """

    is_back: bool = False
    publication: str | None = None


def departed_from(connection: Connection, key: str) -> str | None:
    """Whose letter somebody had last who left by the departure with that key."""
    event = find_departure(connection, key)
    return event.publication if event else None


def return_(connection: Connection, key: str, now: datetime) -> Returned:
    """Take the departure with that key back: the former state, basis and proof."""
    event = find_departure(connection, key)
    if event is None:
        return Returned()
    if not take_back(connection, event.subscriber_ref, event.at, now, SITE):
        return Returned(publication=event.publication)
    one = find_by_ref(connection, event.subscriber_ref)
    if one is not None:
        write_departures(connection, [(one.ref, one.address_key, "")], EventKind.RESUBSCRIBED, now, "site")
    return Returned(is_back=True, publication=event.publication)
