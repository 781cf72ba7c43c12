"""After a restore nothing fires and nothing repeats: the journal is older than what has happened.

Whoever may have been written to since the backup was made is unknown, and stays so until a person decides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from pvd_mailer.database.schema import batches, dispatches, log, recipients
from pvd_mailer.database.states import DispatchState, State

__all__ = ["RESTORED", "Standstill", "bring_to_standstill", "doubt_the_open", "doubt_the_refused"]

RESTORED = "restored"
"""Why a dispatch is void or paused, and the cause of what is unknown."""


@dataclass(slots=True)
class Standstill:
    """What was brought to a standstill.

    Attributes:
        void: The ids of approvals that had not begun.
        paused: The ids of dispatches that were on their way.
        unknown: How many recipients may have been written to since.
    """

    void: list[str]
    paused: list[str]
    unknown: int = 0


def bring_to_standstill(connection: Connection, now: datetime) -> Standstill:
    """Do it, in the transaction of the restore."""
    found = Standstill(
        _ids(connection, DispatchState.APPROVED), _ids(connection, DispatchState.RUNNING, DispatchState.PAUSED)
    )
    for name in found.void:
        _void(connection, name, now)
    for name in found.paused:
        connection.execute(
            update(dispatches)
            .where(dispatches.c.id == name)
            .values(state=str(DispatchState.PAUSED), paused_why=RESTORED, owner=None, start_at=None, not_before=None)
        )
        _write_down(connection, name, now, "paused")
        found.unknown += doubt_the_open(connection, name, now)
    # The newest first: of two dispatches that were refused the same person, it takes them.
    for name in reversed(_ids(connection, DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED)):
        found.unknown += doubt_the_refused(connection, name, now)
    return found


def _ids(connection: Connection, *states: DispatchState) -> list[str]:
    found = select(dispatches.c.id).where(dispatches.c.state.in_([str(state) for state in states]))
    return list(connection.execute(found.order_by(dispatches.c.approved_at, dispatches.c.id)).scalars())


def _write_down(connection: Connection, dispatch_id: str, now: datetime, what: str) -> None:
    connection.execute(insert(log).values(dispatch_id=dispatch_id, at=now, what=what, detail=RESTORED))


def _void(connection: Connection, dispatch_id: str, now: datetime) -> None:
    """Take back an approval that has not begun; another dispatch may have its people."""
    connection.execute(
        update(dispatches)
        .where(dispatches.c.id == dispatch_id)
        .values(state=str(DispatchState.VOID), start_at=None, ended_at=now)
    )
    mine = batches.c.dispatch_id == dispatch_id
    connection.execute(update(batches).where(mine).values(state=str(State.CANCELLED)))
    connection.execute(update(recipients).where(recipients.c.dispatch_id == dispatch_id).values(holds=False))
    _write_down(connection, dispatch_id, now, "void")


def doubt_the_open(connection: Connection, dispatch_id: str, now: datetime) -> int:
    """Make pending batches, and those in flight, unknown; how many people."""
    is_open = and_(batches.c.dispatch_id == dispatch_id, batches.c.state.in_([str(State.PENDING), str(State.SENDING)]))
    people = (
        select(func.count())
        .select_from(recipients.join(batches, recipients.c.batch_id == batches.c.id))
        .where(is_open, recipients.c.state.is_(None))
    )
    count = connection.execute(people).scalar_one()
    _doubt(connection, is_open, now)
    return int(count)


def _doubt(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    connection.execute(update(batches).where(which).values(state=str(State.SENDING)))
    values: dict[str, Any] = {"state": str(State.UNKNOWN), "cause": RESTORED, "reason": ""}
    connection.execute(
        update(batches)
        # Nobody's: the answer to a call of before comes too late.
        .where(which, batches.c.state == str(State.SENDING))
        .values(**values, owner=None, not_before=None, settled_at=now)
    )


def doubt_the_refused(connection: Connection, dispatch_id: str, now: datetime) -> int:
    """Make those unknown who may have been tried again since: the refused whom another attempt may reach.

    Those whom another dispatch holds stay as they are; trying again leaves them out.
    """
    again = connection.execute(select(dispatches.c.again).where(dispatches.c.id == dispatch_id)).scalar_one()
    other = recipients.alias()
    held = select(other.c.position).where(
        other.c.issue_key == recipients.c.issue_key, other.c.address_key == recipients.c.address_key, other.c.holds
    )
    refused_batches = select(batches.c.id).where(
        batches.c.dispatch_id == dispatch_id, batches.c.state == str(State.REFUSED), batches.c.retryable
    )
    refused = or_(
        and_(recipients.c.state == str(State.REFUSED), recipients.c.retryable),
        and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(refused_batches)),
    )
    which = and_(recipients.c.dispatch_id == dispatch_id, refused)
    if not again:
        which = and_(which, ~held.exists())
    if connection.execute(select(recipients.c.position).where(which).limit(1)).first() is None:
        return 0
    batch_id = connection.execute(
        insert(batches).values(dispatch_id=dispatch_id, state=str(State.PENDING)).returning(batches.c.id)
    ).scalar_one()
    moved = connection.execute(
        update(recipients)
        .where(which)
        .values(batch_id=batch_id, state=None, holds=not again, cause="", reason="", retryable=False, settled_at=None)
    )
    _doubt(connection, batches.c.id == batch_id, now)
    return moved.rowcount
