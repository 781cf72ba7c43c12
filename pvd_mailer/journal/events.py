"""What became of messages after the channel took them: events, each written down once however often it is told.

The row of an event names nobody: it carries the place of a recipient in a dispatch, or a subscriber's reference, and
both are gone once a person was forgotten.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from pvd_mailer.database.schema import batches, dispatches, events, recipients
from pvd_mailer.database.states import EventKind, State, SubscriberState
from pvd_mailer.journal.account import effective

__all__ = [
    "DID_NOT_REACH",
    "RETRIES",
    "Event",
    "Place",
    "by_dispatch",
    "last_letters",
    "missed_in_a_row",
    "outcomes_at",
    "places",
    "write_events",
]

IN_LIMIT = 900
DID_NOT_REACH = (EventKind.BLOCKED, EventKind.BOUNCED, EventKind.DROPPED)
_MAY_HAVE = (State.ACCEPTED, State.UNKNOWN)
RETRIES = timedelta(days=4)
"""A provider tries for three days, and then says that it could not."""
_SLACK = timedelta(minutes=5)
"""Between its clock and ours."""


class Place(NamedTuple):
    """A recipient of a dispatch."""

    dispatch_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a message, or that its reader did; the same for every provider.

    Attributes:
        source: Who says so, as `events.source` has it.
        key: The same for the same event, however often and by whatever identifier it is told.
        at: When it happened; never later than when it was told.
        place: The recipient that it names by our own reference.
        call_id: Of the call that it names by our own reference; proves that this call was taken.
        address_key: The canonical address that it names. It finds the person, and is not kept.
        status: RFC 3463's code.
        reason: The far side's words, without address or name.
        suppresses: The state that it puts its person into; None where it says nothing against writing to them.
    """

    source: str
    key: str
    kind: EventKind
    at: datetime
    place: Place | None = None
    call_id: str | None = None
    address_key: str | None = None
    status: str = ""
    reason: str = ""
    suppresses: SubscriberState | None = None


def by_dispatch(wanted: Iterable[Place]) -> Iterator[tuple[str, list[int]]]:
    """The positions of each dispatch, in lists that a query takes."""
    positions: dict[str, set[int]] = defaultdict(set)
    for one in wanted:
        positions[one.dispatch_id].add(one.position)
    for dispatch_id, numbers in sorted(positions.items()):
        ordered = sorted(numbers)
        for start in range(0, len(ordered), IN_LIMIT):
            yield dispatch_id, ordered[start : start + IN_LIMIT]


def places(connection: Connection, wanted: Iterable[Place]) -> dict[Place, str | None]:
    """Those of `wanted` that there are: place -> the subscriber's reference, None for somebody who was forgotten."""
    found: dict[Place, str | None] = {}
    for dispatch_id, positions in by_dispatch(wanted):
        rows = connection.execute(
            select(recipients.c.position, recipients.c.subscriber_ref).where(
                recipients.c.dispatch_id == dispatch_id, recipients.c.position.in_(positions)
            )
        )
        found.update((Place(dispatch_id, position), ref) for position, ref in rows)
    return found


def outcomes_at(connection: Connection, wanted: Iterable[Place]) -> set[tuple[Place, EventKind, str]]:
    """What was told of these recipients already: place, kind, and by whom."""
    found: set[tuple[Place, EventKind, str]] = set()
    for dispatch_id, positions in by_dispatch(wanted):
        rows = connection.execute(
            select(events.c.position, events.c.kind, events.c.source).where(
                events.c.dispatch_id == dispatch_id, events.c.position.in_(positions)
            )
        )
        found.update((Place(dispatch_id, position), EventKind(kind), source) for position, kind, source in rows)
    return found


def last_letters(
    connection: Connection, moments: Mapping[str, datetime], back: timedelta | None = RETRIES
) -> dict[str, Place]:
    """Canonical address -> the letter that this person had got last, or may have, at the moment given, if any.

    Args:
        connection: The transaction.
        moments: By canonical address.
        back: How long before the moment at most: what a provider says of an address later than that is not about the
            letter. None where the time does not matter, as for whoever leaves.
    """
    found: dict[str, tuple[datetime, Place]] = {}
    keys = sorted(moments)
    left_at = func.coalesce(recipients.c.settled_at, batches.c.settled_at, type_=recipients.c.settled_at.type)
    for start in range(0, len(keys), IN_LIMIT):
        rows = connection.execute(
            select(recipients.c.address_key, recipients.c.dispatch_id, recipients.c.position, left_at)
            .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
            .where(recipients.c.address_key.in_(keys[start : start + IN_LIMIT]), effective.in_(_MAY_HAVE))
        )
        for key, dispatch_id, position, at in rows:
            then = moments[key]
            if at is None or at > then + _SLACK or (back is not None and at < then - back):
                continue
            if key not in found or found[key][0] < at:
                found[key] = (at, Place(dispatch_id, position))
    real = _started(connection) if found else {}
    return {key: place for key, (_at, place) in found.items() if place.dispatch_id in real}


def write_events(connection: Connection, told: Sequence[tuple[Event, str | None, str]], now: datetime) -> set[str]:
    """Write down events that are new, each with its subscriber's reference and domain; the keys of those that were."""
    rows = {
        event.key: {
            "source": event.source,
            "key": event.key,
            "kind": str(event.kind),
            "at": event.at,
            "received_at": now,
            "dispatch_id": event.place.dispatch_id if event.place else None,
            "position": event.place.position if event.place else None,
            "call_id": event.call_id if event.place else None,
            "subscriber_ref": ref,
            "domain": domain,
            "status": event.status,
            "reason": event.reason,
        }
        for event, ref, domain in told
    }
    if not rows:
        return set()
    # In one order, whoever writes: two writers of the same events never wait for one another.
    ordered = [rows[key] for key in sorted(rows)]
    if connection.dialect.name == "sqlite":
        into = sqlite.insert(events).on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)
        return set(connection.execute(into, ordered).scalars())
    return set(connection.execute(_from_json(), {"rows": json.dumps(ordered, default=datetime.isoformat)}).scalars())


@cache
def _from_json() -> ReturningInsert[Any]:
    """Many rows as one value: PostgreSQL takes a thousand so in a third of the time of twelve thousand values."""
    names = [one.name for one in events.c if one.name != "id"]
    rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), postgresql.JSONB))
    told = rows.table_valued(*(column(name, events.c[name].type) for name in names)).render_derived(with_types=True)
    into = postgresql.insert(events).from_select(names, select(*(told.c[name] for name in names)))
    return into.on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)


def missed_in_a_row(connection: Connection, people: Mapping[str, datetime | None]) -> dict[str, int]:
    """How many issues in a row, the newest first, did not reach each of `people` though they were sent to them.

    It is worked out anew from all that is known, so that the order in which events came does not matter. An issue
    reached somebody where a delivery was told, or where the channel took it, or may have, and nothing bad was told.

    Args:
        connection: The transaction.
        people: Canonical address -> since when their mail counts; None for all of it.
    """
    outcomes: dict[str, dict[str, tuple[datetime, bool]]] = {key: {} for key in people}
    started = _started(connection)
    told = _told_of(connection, people)
    for key, dispatch_id, position, state in _sent_to(connection, people):
        begun = started.get(dispatch_id)
        since = people[key]
        if begun is None or (since is not None and begun[0] < since):
            continue
        kinds = told.get(Place(dispatch_id, position), set())
        if EventKind.DELIVERED in kinds:
            reached = True
        elif kinds.intersection(DID_NOT_REACH):
            reached = False
        elif state in _MAY_HAVE:
            reached = True
        else:
            continue
        at, issue_key = begun
        before = outcomes[key].get(issue_key)
        outcomes[key][issue_key] = (max(at, before[0]), reached or before[1]) if before else (at, reached)
    return {key: _trailing(found.values()) for key, found in outcomes.items()}


def _trailing(outcomes: Iterable[tuple[datetime, bool]]) -> int:
    count = 0
    for _at, reached in sorted(outcomes, reverse=True):
        if reached:
            break
        count += 1
    return count


def _started(connection: Connection) -> dict[str, tuple[datetime, str]]:
    """Dispatch -> when it began and the issue, of those that were no rehearsal."""
    query = select(dispatches.c.id, dispatches.c.started_at, dispatches.c.issue_key, dispatches.c.sealed)
    rows = connection.execute(query.where(dispatches.c.started_at.is_not(None)))
    return {one: (at, issue_key) for one, at, issue_key, sealed in rows if not json.loads(sealed).get("rehearsal")}


def _sent_to(connection: Connection, people: Collection[str]) -> list[Any]:
    found: list[Any] = []
    keys = sorted(people)
    for start in range(0, len(keys), IN_LIMIT):
        found += connection.execute(
            select(recipients.c.address_key, recipients.c.dispatch_id, recipients.c.position, effective)
            .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
            .where(recipients.c.address_key.in_(keys[start : start + IN_LIMIT]))
        ).all()
    return found


def _told_of(connection: Connection, people: Collection[str]) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = defaultdict(set)
    keys = sorted(people)
    for start in range(0, len(keys), IN_LIMIT):
        rows = connection.execute(
            select(events.c.dispatch_id, events.c.position, events.c.kind)
            .select_from(
                recipients.join(
                    events,
                    (events.c.dispatch_id == recipients.c.dispatch_id) & (events.c.position == recipients.c.position),
                )
            )
            .where(recipients.c.address_key.in_(keys[start : start + IN_LIMIT]))
        )
        for dispatch_id, position, kind in rows:
            found[Place(dispatch_id, position)].add(kind)
    return found
