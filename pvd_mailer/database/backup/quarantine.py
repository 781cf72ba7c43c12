"""After a restore nothing fires and nothing repeats: the journal is older than what has happened.

Whoever may have been written to since the backup was made is unknown, and stays so until a person decides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from pvd_mailer.database.schema import batches, dispatches, log, recipients
from pvd_mailer.database.states import DispatchState, RecipientState

__all__ = [
    "CAUSE_RESTORED",
    "Quarantine",
    "is_claimed_elsewhere",
    "mark_open_unknown",
    "mark_retryable_unknown",
    "quarantine_after_restore",
]

CAUSE_RESTORED = "restored"
"""Why a dispatch is void or paused, and the cause of what is unknown."""


@dataclass(slots=True)
class Quarantine:
    """What was brought to a standstill.

    Attributes:
        void: The ids of approvals that had not begun.
        paused: The ids of dispatches that were on their way.
        unknown: How many recipients may have been written to since.
    """

    void: list[str]
    paused: list[str]
    unknown: int = 0


def quarantine_after_restore(connection: Connection, now: datetime) -> Quarantine:
    """Do it, in the transaction of the restore."""
    quarantine = Quarantine(
        _ids(connection, DispatchState.APPROVED), _ids(connection, DispatchState.RUNNING, DispatchState.PAUSED)
    )
    for dispatch_id in quarantine.void:
        _void_approval(connection, dispatch_id, now)
    for dispatch_id in quarantine.paused:
        connection.execute(
            update(dispatches)
            .where(dispatches.c.id == dispatch_id)
            .values(
                state=str(DispatchState.PAUSED), paused_why=CAUSE_RESTORED, owner=None, start_at=None, not_before=None
            )
        )
        _write_log_line(connection, dispatch_id, now, "paused")
        quarantine.unknown += mark_open_unknown(connection, dispatch_id, now)
    # The newest first: of two dispatches that were refused the same person, it takes them.
    for dispatch_id in reversed(_ids(connection, DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED)):
        quarantine.unknown += mark_retryable_unknown(connection, dispatch_id, now)
    return quarantine


def _ids(connection: Connection, *states: DispatchState) -> list[str]:
    query = select(dispatches.c.id).where(dispatches.c.state.in_([str(state) for state in states]))
    return list(connection.execute(query.order_by(dispatches.c.approved_at, dispatches.c.id)).scalars())


def _write_log_line(connection: Connection, dispatch_id: str, now: datetime, what: str) -> None:
    connection.execute(insert(log).values(dispatch_id=dispatch_id, at=now, what=what, detail=CAUSE_RESTORED))


def _void_approval(connection: Connection, dispatch_id: str, now: datetime) -> None:
    """Take back an approval that has not begun; another dispatch may have its people."""
    connection.execute(
        update(dispatches)
        .where(dispatches.c.id == dispatch_id)
        .values(state=str(DispatchState.VOID), start_at=None, ended_at=now)
    )
    of_dispatch = batches.c.dispatch_id == dispatch_id
    connection.execute(update(batches).where(of_dispatch).values(state=str(RecipientState.CANCELLED)))
    connection.execute(update(recipients).where(recipients.c.dispatch_id == dispatch_id).values(claims_issue=False))
    _write_log_line(connection, dispatch_id, now, "void")


def mark_open_unknown(connection: Connection, dispatch_id: str, now: datetime) -> int:
    """Make pending batches, and those in flight, unknown; how many people."""
    is_open = and_(
        batches.c.dispatch_id == dispatch_id,
        batches.c.state.in_([str(RecipientState.PENDING), str(RecipientState.SENDING)]),
    )
    people = (
        select(func.count())
        .select_from(recipients.join(batches, recipients.c.batch_id == batches.c.id))
        .where(is_open, recipients.c.state.is_(None))
    )
    count = connection.execute(people).scalar_one()
    _mark_batches_unknown(connection, is_open, now)
    return int(count)


def _mark_batches_unknown(connection: Connection, condition: ColumnElement[bool], now: datetime) -> None:
    """Make batches that are pending or in flight unknown.

    In two steps, for the state machine has no arrow from pending to unknown (`states.BATCH_TRANSITIONS`, and the
    triggers that hold it): what may have been sent since was sent by a claim that this copy of the journal has not
    seen. So the batch goes through `sending`, as it did there.
    """
    connection.execute(update(batches).where(condition).values(state=str(RecipientState.SENDING)))
    values: dict[str, Any] = {"state": str(RecipientState.UNKNOWN), "cause": CAUSE_RESTORED, "reason": ""}
    connection.execute(
        update(batches)
        # Nobody's: the answer to a call of before comes too late.
        .where(condition, batches.c.state == str(RecipientState.SENDING))
        .values(**values, owner=None, not_before=None, settled_at=now)
    )


def mark_retryable_unknown(connection: Connection, dispatch_id: str, now: datetime) -> int:
    """Make those unknown who may have been tried again since: the refused whom another attempt may reach.

     Those whom another dispatch claims stay as they are; trying again leaves them out. Refused is no state that anybody
     becomes unknown from. So the people are put into a new batch, pending, as trying again would do
    , and the batch is made unknown.
    """
    again = connection.execute(select(dispatches.c.again).where(dispatches.c.id == dispatch_id)).scalar_one()
    retryable = _is_retryable(dispatch_id)
    if not again:
        retryable = and_(retryable, ~is_claimed_elsewhere())
    if connection.execute(select(recipients.c.position).where(retryable).limit(1)).first() is None:
        return 0
    batch_id = connection.execute(
        insert(batches).values(dispatch_id=dispatch_id, state=str(RecipientState.PENDING)).returning(batches.c.id)
    ).scalar_one()
    as_batch: dict[str, Any] = {"state": None, "cause": "", "reason": "", "retryable": False, "settled_at": None}
    moved = connection.execute(
        update(recipients).where(retryable).values(batch_id=batch_id, claims_issue=not again, **as_batch)
    )
    _mark_batches_unknown(connection, batches.c.id == batch_id, now)
    return moved.rowcount


def _is_retryable(dispatch_id: str) -> ColumnElement[bool]:
    """The recipients of a dispatch who are refused, by their own state or their batch's, and may be tried again."""
    refused_batches = select(batches.c.id).where(
        batches.c.dispatch_id == dispatch_id, batches.c.state == str(RecipientState.REFUSED), batches.c.retryable
    )
    return and_(
        recipients.c.dispatch_id == dispatch_id,
        or_(
            and_(recipients.c.state == str(RecipientState.REFUSED), recipients.c.retryable),
            and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(refused_batches)),
        ),
    )


def is_claimed_elsewhere() -> ColumnElement[bool]:
    """Whether any row claims the issue for the person of the recipient in the enclosing statement."""
    other = recipients.alias()
    return (
        select(other.c.position)
        .where(
            other.c.issue_key == recipients.c.issue_key,
            other.c.address_key == recipients.c.address_key,
            other.c.claims_issue,
        )
        .exists()
    )
