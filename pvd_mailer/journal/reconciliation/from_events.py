"""What events prove: that a call was taken whose answer never came, that somebody has the letter after all.

An event that carries the id of a call proves the whole call: SendGrid takes one or refuses one. An event that names a
recipient alone, such as a message that came back, proves that recipient. What is in flight is left to its sender.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, and_, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, events, log, recipients
from pvd_mailer.database.states import EventKind, RecipientState
from pvd_mailer.journal.dispatch_log import write_log
from pvd_mailer.journal.dispatches import mark_finished
from pvd_mailer.journal.events import DeliveryEvent, RecipientKey, positions_by_dispatch
from pvd_mailer.journal.queries.open_batches import has_pending_batch

__all__ = [
    "SETTLED_BY_EVENTS",
    "has_been_resent",
    "proves_acceptance",
    "reconcile_claimed_batch",
    "reconcile_dispatches",
    "reconcile_events",
]

SETTLED_BY_EVENTS = "settled-by-events"
"""The line in a dispatch's log."""
_PROVING_SOURCES = ("sendgrid", "maildir")
"""Sources that tell of a message after it was taken; a refusal told by the sender itself proves the contrary."""
_ACCEPTED_VALUES = {"state": str(RecipientState.ACCEPTED), "cause": "", "reason": "", "retryable": False}


def proves_acceptance(event: DeliveryEvent) -> bool:
    """Whether `event` proves that its recipient has the letter.

    A departure that names no call of ours does not: the letter that it is put down to is a guess.
    """
    return event.source in _PROVING_SOURCES and (event.kind is not EventKind.UNSUBSCRIBED or event.call_id is not None)


def reconcile_events(
    connection: Connection, recipient_keys: Collection[RecipientKey], calls: Collection[tuple[str, str]], now: datetime
) -> Counter[str]:
    """Settle what the events just told prove; by dispatch, how many recipients count as accepted since.

    Args:
        connection: The transaction.
        recipient_keys: The recipients that they name.
        calls: The dispatches and calls that they name.
        now: When.
    """
    settled: Counter[str] = Counter()
    calls_by_dispatch: dict[str, set[str]] = defaultdict(set)
    for dispatch_id, call_id in calls:
        calls_by_dispatch[dispatch_id].add(call_id)
    for dispatch_id, ids in sorted(calls_by_dispatch.items()):
        call_ids = sorted(ids)
        for chunk in chunked(call_ids, MAX_IN_VALUES):
            values = {"dispatch": dispatch_id, "call_ids": chunk, "now": now}
            settled[dispatch_id] += _accept_calls(connection, _accept_named_calls(), values)
    for dispatch_id, positions in positions_by_dispatch(recipient_keys):
        values = {"dispatch": dispatch_id, "positions": positions, "now": now}
        settled[dispatch_id] += connection.execute(_accept_named_unknown(), values).rowcount
        settled[dispatch_id] += _accept_pending(connection, dispatch_id, positions, now)
    return _write_log_lines(connection, settled, now)


def reconcile_dispatches(connection: Connection, dispatch_ids: Collection[str], now: datetime) -> Counter[str]:
    """Settle what became unknown after its event had come; by dispatch, how many recipients count as accepted since."""
    settled: Counter[str] = Counter()
    for dispatch_id in sorted(dispatch_ids):
        any_event = select(events.c.id).where(events.c.dispatch_id == dispatch_id)
        if connection.execute(any_event.limit(1)).first() is None:  # as most often; what follows looks at every row
            continue
        is_unknown = batches.c.state == RecipientState.UNKNOWN
        proof = select(recipients.c.position).select_from(recipients.join(events, _about_recipient()))
        proof = proof.where(recipients.c.batch_id == batches.c.id, events.c.call_id == batches.c.call_id)
        values = {"dispatch": dispatch_id, "now": now}
        settled[dispatch_id] += _accept_calls(connection, _accept_batches(and_(is_unknown, proof.exists())), values)
        settled[dispatch_id] += connection.execute(_accept_unknown(_proof().exists()), values).rowcount
    return _write_log_lines(connection, settled, now)


def has_been_resent(connection: Connection, dispatch_id: str) -> bool:
    """Whether a person had what was unknown sent again: only then may one who is about to get the letter have it."""
    log_lines = select(log.c.id).where(log.c.dispatch_id == dispatch_id, log.c.what == "resend-unknown")
    return connection.execute(log_lines.limit(1)).first() is not None


def reconcile_claimed_batch(connection: Connection, batch_id: int, now: datetime) -> int:
    """Of a batch that its sender has claimed, and not handed over, settle whom an event shows to have the letter."""
    result = connection.execute(
        update(recipients)
        .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None), _proof().exists())
        .values(**_ACCEPTED_VALUES, settled_at=now)
    )
    return result.rowcount


def _about_recipient() -> ColumnElement[bool]:
    return and_(
        events.c.dispatch_id == recipients.c.dispatch_id,
        events.c.position == recipients.c.position,
        # As `proves_acceptance`.
        events.c.source.in_(_PROVING_SOURCES),
        or_(events.c.kind != str(EventKind.UNSUBSCRIBED), events.c.call_id.is_not(None)),
    )


def _proof() -> Select[tuple[int]]:
    """An event that tells of the recipient in the enclosing query."""
    return select(events.c.id).where(_about_recipient())


def _accept_calls(connection: Connection, accept_batches: ReturningUpdate[Any], values: dict[str, Any]) -> int:
    """Make unknown batches accepted, and those of their call who are unknown on their own; how many people."""
    claimed = connection.execute(accept_batches, values).all()
    count = 0
    for batch_id, claimed_at in claimed:
        members = select(func.count()).where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
        count += connection.execute(members).scalar_one()
        count += connection.execute(
            update(recipients)
            .where(recipients.c.batch_id == batch_id, recipients.c.state == RecipientState.UNKNOWN)
            .where(recipients.c.settled_at >= claimed_at)  # by this call, and not by one before it
            .values(**_ACCEPTED_VALUES, settled_at=values["now"])
        ).rowcount
    return count


# What every call of a provider asks is built once: with one event a call, building took longer than asking.


@cache
def _accept_named_calls() -> ReturningUpdate[Any]:
    return _accept_batches(batches.c.call_id.in_(bindparam("call_ids", expanding=True)))


@cache
def _accept_named_unknown() -> Update:
    return _accept_unknown(recipients.c.position.in_(bindparam("positions", expanding=True)))


def _accept_batches(condition: ColumnElement[bool]) -> ReturningUpdate[Any]:
    """Takes the parameters `dispatch` and `now`."""
    return (
        update(batches)
        .where(batches.c.dispatch_id == bindparam("dispatch"), batches.c.state == RecipientState.UNKNOWN, condition)
        .values(**_ACCEPTED_VALUES, settled_at=bindparam("now"))
        .returning(batches.c.id, batches.c.claimed_at)
    )


def _accept_unknown(condition: ColumnElement[bool]) -> Update:
    """Takes the parameters `dispatch` and `now`."""
    unknown_batches = select(batches.c.id).where(
        batches.c.dispatch_id == bindparam("dispatch"), batches.c.state == RecipientState.UNKNOWN
    )
    is_unknown = or_(
        recipients.c.state == RecipientState.UNKNOWN,
        and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(unknown_batches)),
    )
    return (
        update(recipients)
        .where(recipients.c.dispatch_id == bindparam("dispatch"), condition, is_unknown)
        .values(**_ACCEPTED_VALUES, settled_at=bindparam("now"))
    )


def _accept_pending(connection: Connection, dispatch_id: str, positions: list[int], now: datetime) -> int:
    """Those put back to pending who have it by an older call: theirs is accepted, and nothing is sent to them again.

    The batches are locked first: a sender that has claimed one meanwhile looks for itself (`reconcile_claimed_batch`).
    """
    if not has_pending_batch(connection, dispatch_id):  # as most often; what follows is dear, and asked with every call
        return 0
    pending_batches = connection.execute(
        select(batches.c.id)
        .where(batches.c.dispatch_id == dispatch_id, batches.c.state == RecipientState.PENDING)
        .where(
            batches.c.id.in_(
                select(recipients.c.batch_id).where(
                    recipients.c.dispatch_id == dispatch_id,
                    recipients.c.position.in_(positions),
                    recipients.c.state.is_(None),
                )
            )
        )
        .order_by(batches.c.id)
        .with_for_update()
    ).scalars()
    count = 0
    for batch_id in pending_batches:
        count += connection.execute(
            update(recipients)
            .where(recipients.c.dispatch_id == dispatch_id, recipients.c.position.in_(positions))
            .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
            .values(**_ACCEPTED_VALUES, settled_at=now)
        ).rowcount
        still_pending = select(recipients.c.position).where(
            recipients.c.batch_id == batch_id, recipients.c.state.is_(None)
        )
        connection.execute(
            update(batches)
            .where(batches.c.id == batch_id, batches.c.state == RecipientState.PENDING, ~still_pending.exists())
            .values(state=str(RecipientState.CANCELLED))  # nobody is left in it
        )
    if count:
        mark_finished(connection, dispatch_id, now)
    return count


def _write_log_lines(connection: Connection, settled: Counter[str], now: datetime) -> Counter[str]:
    for dispatch_id, count in sorted(settled.items()):
        if count:
            write_log(connection, dispatch_id, now, SETTLED_BY_EVENTS, detail=str(count))
    return +settled
