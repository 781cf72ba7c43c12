"""Who left, and after which letter: one event each, in the transaction that lets them go."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from pvd_mailer.database.schema import batches, dispatches, events, recipients
from pvd_mailer.database.states import EventKind, RecipientState
from pvd_mailer.journal.dispatches import IS_REAL
from pvd_mailer.journal.queries.totals import effective_state

__all__ = [
    "LastLetter",
    "UnsubscribeEvent",
    "find_unsubscribe",
    "last_letters_to",
    "last_unsubscribes",
    "write_unsubscribes",
]

_MAY_HAVE_LETTER = (RecipientState.ACCEPTED, RecipientState.UNKNOWN, RecipientState.SENDING)


@dataclass(frozen=True, slots=True)
class LastLetter:
    """The last letter that somebody has, or may have."""

    dispatch_id: str
    position: int
    publication: str


@dataclass(frozen=True, slots=True)
class UnsubscribeEvent:
    """An event by which somebody left."""

    key: str
    subscriber_ref: str
    at: datetime
    publication: str | None = None
    """Whose letter they had last when they left."""


def last_letters_to(connection: Connection, address_keys: Sequence[str]) -> dict[str, LastLetter]:
    """By canonical address, the latest real dispatch that reached them or may have; nothing where there is none."""
    newest = (
        func.row_number()
        .over(partition_by=recipients.c.address_key, order_by=(dispatches.c.started_at.desc(), dispatches.c.id.desc()))
        .label("newest")
    )
    ranked = (
        select(
            recipients.c.address_key, recipients.c.dispatch_id, recipients.c.position, dispatches.c.publication, newest
        )
        .select_from(
            recipients.join(dispatches, recipients.c.dispatch_id == dispatches.c.id).outerjoin(
                batches, recipients.c.batch_id == batches.c.id
            )
        )
        .where(recipients.c.address_key.in_(address_keys), effective_state.in_(_MAY_HAVE_LETTER), IS_REAL)
        .subquery()
    )
    rows = connection.execute(select(ranked).where(ranked.c.newest == 1))
    return {row.address_key: LastLetter(row.dispatch_id, row.position, row.publication) for row in rows}


def write_unsubscribes(
    connection: Connection,
    people: Iterable[tuple[str, str, str]],
    kind: EventKind,
    now: datetime,
    source: str,
) -> dict[str, tuple[UnsubscribeEvent, LastLetter | None]]:
    """Write an event of `kind` for each of `people`; the events, by reference.

    Of each of them: the reference, the canonical address, and why it cannot be taken back, or nothing where it can.
    """
    listed = list(people)
    if not listed:
        return {}
    letters = last_letters_to(connection, [key for _ref, key, _reason in listed])
    unsubscribes: dict[str, tuple[UnsubscribeEvent, LastLetter | None]] = {}
    rows = []
    for ref, address_key, reason in listed:
        letter = letters.get(address_key)
        key = f"{source}-{secrets.token_hex(10)}"  # each act is one of its own
        rows.append(
            {
                "source": source,
                "key": key,
                "kind": str(kind),
                "at": now,
                "received_at": now,
                "dispatch_id": letter.dispatch_id if letter else None,
                "position": letter.position if letter else None,
                "subscriber_ref": ref,
                "domain": address_key.rpartition("@")[2],
                "reason": reason,
            }
        )
        unsubscribes[ref] = UnsubscribeEvent(key, ref, now, letter.publication if letter else None), letter
    connection.execute(insert(events), rows)
    return unsubscribes


_UNDOABLE_UNSUBSCRIBES = (
    select(events.c.key, events.c.subscriber_ref, events.c.at, dispatches.c.publication)
    .select_from(events.outerjoin(dispatches, events.c.dispatch_id == dispatches.c.id))
    .where(
        events.c.kind == str(EventKind.UNSUBSCRIBED),
        events.c.source == "site",
        events.c.reason == "",
        events.c.subscriber_ref.is_not(None),
    )
)
"""Those at the readers' site that can be taken back."""


def find_unsubscribe(connection: Connection, key: str) -> UnsubscribeEvent | None:
    """The departure with that key; None where it cannot be taken back, or the person was forgotten since."""
    row = connection.execute(_UNDOABLE_UNSUBSCRIBES.where(events.c.key == key)).first()
    return UnsubscribeEvent(*row) if row else None


def last_unsubscribes(connection: Connection, refs: Sequence[str], since: datetime) -> dict[str, UnsubscribeEvent]:
    """By reference, the last time that they left, if that was after `since`."""
    query = _UNDOABLE_UNSUBSCRIBES.where(events.c.subscriber_ref.in_(refs), events.c.at >= since).order_by(events.c.at)
    return {row.subscriber_ref: UnsubscribeEvent(*row) for row in connection.execute(query)}
