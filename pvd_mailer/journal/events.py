"""What became of messages after the channel took them: events, each written down once however often it is told.

The row of an event names nobody: it carries the place of a recipient in a dispatch, or a subscriber's reference, and
both are gone once a person was forgotten.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Select, Text, bindparam, cast, column, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, dispatches, events, recipients
from pvd_mailer.database.states import EventKind, RecipientState, SubscriberState
from pvd_mailer.journal.queries.totals import effective_state

__all__ = [
    "FAILURE_KINDS",
    "RETRY_PERIOD",
    "DeliveryEvent",
    "RecipientKey",
    "existing_recipients",
    "known_outcomes",
    "last_letters",
    "positions_by_dispatch",
    "real_dispatch_starts",
    "write_events",
]

FAILURE_KINDS = (EventKind.BLOCKED, EventKind.BOUNCED, EventKind.DROPPED)
_MAY_HAVE_LETTER = (RecipientState.ACCEPTED, RecipientState.UNKNOWN)
RETRY_PERIOD = timedelta(days=4)
"""A provider tries for three days, and then says that it could not."""
_CLOCK_SLACK = timedelta(minutes=5)
"""Between its clock and ours."""


class RecipientKey(NamedTuple):
    """A recipient of a dispatch."""

    dispatch_id: str
    position: int


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """Something that happened to a message, or that its reader did; the same for every provider.

    Attributes:
        source: Who says so, as `events.source` has it.
        key: The same for the same event, however often and by whatever identifier it is told.
        at: When it happened; never later than when it was told.
        recipient: The recipient that it names by our own reference.
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
    recipient: RecipientKey | None = None
    call_id: str | None = None
    address_key: str | None = None
    status: str = ""
    reason: str = ""
    suppresses: SubscriberState | None = None


def positions_by_dispatch(keys: Iterable[RecipientKey]) -> Iterator[tuple[str, list[int]]]:
    """The positions of each dispatch, in lists that a query takes."""
    positions: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        positions[key.dispatch_id].add(key.position)
    for dispatch_id, numbers in sorted(positions.items()):
        ordered = sorted(numbers)
        for chunk in chunked(ordered, MAX_IN_VALUES):
            yield dispatch_id, chunk


def existing_recipients(connection: Connection, keys: Iterable[RecipientKey]) -> dict[RecipientKey, str | None]:
    """Those of `keys` that there are: place -> the subscriber's reference, None for somebody who was forgotten."""
    existing: dict[RecipientKey, str | None] = {}
    for dispatch_id, positions in positions_by_dispatch(keys):
        rows = connection.execute(_recipients_at(), {"dispatch": dispatch_id, "positions": positions}).all()
        existing.update((RecipientKey(dispatch_id, position), ref) for position, ref in rows)
    return existing


@cache
def _recipients_at() -> Select[Any]:
    """Built once: a call of a provider often tells of one recipient, and building took longer than asking."""
    return select(recipients.c.position, recipients.c.subscriber_ref).where(
        recipients.c.dispatch_id == bindparam("dispatch"),
        recipients.c.position.in_(bindparam("positions", expanding=True)),
    )


def known_outcomes(connection: Connection, keys: Iterable[RecipientKey]) -> set[tuple[RecipientKey, EventKind, str]]:
    """What was told of these recipients already: place, kind, and by whom."""
    outcomes: set[tuple[RecipientKey, EventKind, str]] = set()
    for dispatch_id, positions in positions_by_dispatch(keys):
        rows = connection.execute(
            select(events.c.position, events.c.kind, events.c.source).where(
                events.c.dispatch_id == dispatch_id, events.c.position.in_(positions)
            )
        )
        outcomes.update(
            (RecipientKey(dispatch_id, position), EventKind(kind), source) for position, kind, source in rows
        )
    return outcomes


def last_letters(
    connection: Connection, moments: Mapping[str, datetime], max_age: timedelta | None = RETRY_PERIOD
) -> dict[str, RecipientKey]:
    """Canonical address -> the letter that this person had got last, or may have, at the moment given, if any.

    Args:
        connection: The transaction.
        moments: By canonical address.
        max_age: How long before the moment at most: what a provider says of an address later than that is not about the
            letter. None where the time does not matter, as for whoever leaves.
    """
    latest: dict[str, tuple[datetime, RecipientKey]] = {}
    keys = sorted(moments)
    left_at = func.coalesce(recipients.c.settled_at, batches.c.settled_at, type_=recipients.c.settled_at.type)
    for chunk in chunked(keys, MAX_IN_VALUES):
        rows = connection.execute(
            select(recipients.c.address_key, recipients.c.dispatch_id, recipients.c.position, left_at)
            .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
            .where(recipients.c.address_key.in_(chunk), effective_state.in_(_MAY_HAVE_LETTER))
        )
        for key, dispatch_id, position, sent_at in rows:
            moment = moments[key]
            if (
                sent_at is None
                or sent_at > moment + _CLOCK_SLACK
                or (max_age is not None and sent_at < moment - max_age)
            ):
                continue
            if key not in latest or latest[key][0] < sent_at:
                latest[key] = (sent_at, RecipientKey(dispatch_id, position))
    real_dispatches = real_dispatch_starts(connection) if latest else {}
    return {key: recipient for key, (_sent_at, recipient) in latest.items() if recipient.dispatch_id in real_dispatches}


def write_events(
    connection: Connection, new_events: Sequence[tuple[DeliveryEvent, str | None, str]], now: datetime
) -> set[str]:
    """Write down events that are new, each with its subscriber's reference and domain; the keys of those that were."""
    rows = {
        event.key: {
            "source": event.source,
            "key": event.key,
            "kind": str(event.kind),
            "at": event.at,
            "received_at": now,
            "dispatch_id": event.recipient.dispatch_id if event.recipient else None,
            "position": event.recipient.position if event.recipient else None,
            "call_id": event.call_id if event.recipient else None,
            "subscriber_ref": ref,
            "domain": domain,
            "status": event.status,
            "reason": event.reason,
        }
        for event, ref, domain in new_events
    }
    if not rows:
        return set()
    # In one order, whoever writes: two writers of the same events never wait for one another.
    ordered = [rows[key] for key in sorted(rows)]
    statement = _INSERT_FROM_JSON[connection.dialect.name]()
    written = connection.execute(statement, {"rows": json.dumps(ordered, default=_moments_of(connection.dialect))})
    return set(written.scalars().all())


def _moments_of(dialect: Dialect) -> Callable[[datetime], str]:
    """What turns a moment into the text that the column takes; many events have the same."""
    process = events.c.at.type.dialect_impl(dialect).bind_processor(dialect)

    @cache
    def as_stored(moment: datetime) -> str:
        stored = process(moment) if process else moment
        return stored if isinstance(stored, str) else stored.isoformat()

    return as_stored


_COLUMNS = tuple(event_column.name for event_column in events.c if event_column.name != "id")


@cache
def _insert_on_postgresql() -> ReturningInsert[Any]:
    """Many rows as one value: PostgreSQL takes a thousand so in a third of the time of twelve thousand values."""
    rows = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text), postgresql.JSONB))
    table = rows.table_valued(*(column(name, events.c[name].type) for name in _COLUMNS))
    typed = table.render_derived(with_types=True)
    statement = postgresql.insert(events).from_select(_COLUMNS, select(*(typed.c[name] for name in _COLUMNS)))
    return statement.on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)


@cache
def _insert_on_sqlite() -> ReturningInsert[Any]:
    """As on PostgreSQL; there is a WHERE, for without one SQLite would read ON CONFLICT as the ON of a join."""
    row = func.json_each(bindparam("rows", type_=Text)).table_valued("value").c.value
    values = select(*(func.json_extract(row, f"$.{name}") for name in _COLUMNS)).where(row.is_not(None))
    statement = sqlite.insert(events).from_select(_COLUMNS, values)
    return statement.on_conflict_do_nothing(index_elements=[events.c.key]).returning(events.c.key)


_INSERT_FROM_JSON = {"postgresql": _insert_on_postgresql, "sqlite": _insert_on_sqlite}


def real_dispatch_starts(connection: Connection) -> dict[str, tuple[datetime, str]]:
    """Dispatch -> when it began and the issue, of those that were no rehearsal."""
    query = select(dispatches.c.id, dispatches.c.started_at, dispatches.c.issue_key, dispatches.c.sealed)
    rows = connection.execute(query.where(dispatches.c.started_at.is_not(None)))
    return {
        dispatch_id: (started_at, issue_key)
        for dispatch_id, started_at, issue_key, sealed in rows
        if not json.loads(sealed).get("rehearsal")
    }
