"""Brings a journal up to what is known elsewhere of its dispatches: that more has left than it knows of.

Whoever may have the letter is unknown from then on, and nothing leaves before a person has decided.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    String,
    and_,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from pvd_mailer.database.schema import batches, dispatches, recipients, subscribers
from pvd_mailer.database.standstill import RESTORED, doubt_the_open, doubt_the_refused
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.journal.account import effective
from pvd_mailer.journal.dispatches import Dispatch, create, of_issue, void, write_entry
from pvd_mailer.journal.seal import Seal

__all__ = ["RECONCILED", "Elsewhere", "lost_since", "raise_calls", "take_up", "void_approved"]

RECONCILED = "reconciled"
"""The line in a dispatch's log."""
_OPEN = (DispatchState.APPROVED, DispatchState.RUNNING, DispatchState.PAUSED)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A dispatch as it is known outside of this journal.

    Attributes:
        calls: So many of its calls may have left.
        letter: A blob that this journal has: the letter's manifest, or what stands for it.
        approved_at: None where that was not told; so with `started_at`.
    """

    id: str
    calls: int
    letter: str
    approved_at: datetime | None
    started_at: datetime | None
    seal: Seal


def raise_calls(connection: Connection, dispatch: Dispatch, calls: int, now: datetime) -> int:
    """Let the journal know that `calls` calls of `dispatch` may have left, and bring it to a standstill.

    Returns:
        How many people are unknown since.
    """
    count = 0
    if dispatch.state in _OPEN:
        if dispatch.state is DispatchState.APPROVED:  # it has begun since
            _set(connection, dispatch.id, state=str(DispatchState.RUNNING), started_at=now)
        _set(
            connection,
            dispatch.id,
            state=str(DispatchState.PAUSED),
            paused_why=RESTORED,
            **dict.fromkeys(("owner", "start_at", "not_before")),
        )
        count += doubt_the_open(connection, dispatch.id, now)
    elif dispatch.state in {DispatchState.VOID, DispatchState.CANCELLED}:
        count += _doubt_the_called_off(connection, dispatch, now)
    if dispatch.state not in {DispatchState.VOID, DispatchState.CANCELLED}:
        count += doubt_the_refused(connection, dispatch.id, now)
    _set(connection, dispatch.id, calls=max(calls, dispatch.calls))
    write_entry(connection, dispatch.id, now, RECONCILED, detail=str(count))
    return count


def _set(connection: Connection, dispatch_id: str, **values: Any) -> None:
    connection.execute(update(dispatches).where(dispatches.c.id == dispatch_id).values(**values))


def _doubt_the_called_off(connection: Connection, dispatch: Dispatch, now: datetime) -> int:
    """Make unknown whom a dispatch was not to be sent to any more, as far as no other dispatch holds them."""
    other = recipients.alias()
    held = select(other.c.position).where(
        other.c.issue_key == recipients.c.issue_key, other.c.address_key == recipients.c.address_key, other.c.holds
    )
    called_off = select(batches.c.id).where(
        batches.c.dispatch_id == dispatch.id, batches.c.state == str(State.CANCELLED)
    )
    free = and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(called_off))
    return connection.execute(
        update(recipients)
        .where(recipients.c.dispatch_id == dispatch.id, free, or_(recipients.c.holds, ~held.exists()))
        .values(
            state=str(State.UNKNOWN),
            cause=RESTORED,
            reason="",
            holds=false() if dispatch.again else true(),
            settled_at=now,
        )
    ).rowcount


def void_approved(connection: Connection, number: int, but: Collection[str], why: str, now: datetime) -> list[str]:
    """Take back the approvals of an issue that have not begun, other than `but`; their ids.

    Their audiences were frozen without knowing who had the letter.
    """
    found = [one.id for one in of_issue(connection, number) if one.id not in but and not one.seal.rehearsal]
    return [name for name in found if void(connection, name, why, now)]


def take_up(connection: Connection, one: Elsewhere, publication: str, number: int, now: datetime) -> int:
    """Take a dispatch into the journal of which only its record is left. Who was in it is not known any more.

    So everybody counts as one who may have the letter, but those whom another dispatch of the issue holds. It is called
    off: of it nothing leaves any more, and a person decides what is unknown.

    Returns:
        How many people are unknown since.
    """
    key = f"{publication}/{number}"
    create(
        connection,
        Dispatch(
            id=one.id,
            publication=publication,
            number=number,
            issue_key=key,
            state=DispatchState.CANCELLED,
            letter=one.letter,
            seal=one.seal,
            approved_by="",
            approved_at=one.approved_at or now,
            again=False,
            start_at=None,
            owner=None,
            started_at=one.started_at or now,
            ended_at=now,
            paused_why=RESTORED,
            not_before=None,
            calls=one.calls,
        ),
    )
    elsewhere = (
        select(recipients.c.position)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.issue_key == key, recipients.c.address_key == subscribers.c.address_key)
        .where(or_(recipients.c.holds, effective.in_([State.ACCEPTED, State.UNKNOWN])))
    )
    who: dict[str, ColumnElement[Any]] = {
        "dispatch_id": literal(one.id, String),
        "position": cast(func.row_number().over(order_by=subscribers.c.id) - 1, Integer),
        "batch_id": cast(null(), recipients.c.batch_id.type),
        "subscriber_ref": subscribers.c.ref,
        "issue_key": literal(key, String),
        "address_key": subscribers.c.address_key,
        "address": subscribers.c.address,
        "name": func.trim(subscribers.c.first_name + " " + subscribers.c.last_name),
        "state": literal(str(State.UNKNOWN), String),
        "holds": true(),
        "cause": literal(RESTORED, String),
        "settled_at": literal(now, recipients.c.settled_at.type),
    }
    chosen = select(*(value.label(name) for name, value in who.items())).where(~elsewhere.exists())
    connection.execute(insert(recipients).from_select(list(who), chosen))
    count = connection.scalar(select(func.count()).where(recipients.c.dispatch_id == one.id)) or 0
    write_entry(connection, one.id, now, RECONCILED, detail=str(count))
    return count


def lost_since(connection: Connection, issue_key: str) -> datetime | None:
    """Since when people whom the database has come to know may have the issue by a dispatch that it does not know.

    None where there is no such dispatch. A person who says that nobody has its letter speaks of those whom the database
    knows; of the others nobody was asked.
    """
    rows = connection.execute(
        select(dispatches.c.sealed, dispatches.c.ended_at).where(
            dispatches.c.issue_key == issue_key, dispatches.c.state == str(DispatchState.CANCELLED)
        )
    )
    return min((ended_at for sealed, ended_at in rows if Seal.from_json(sealed).from_record), default=None)
