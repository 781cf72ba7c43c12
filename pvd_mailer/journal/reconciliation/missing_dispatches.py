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

from pvd_mailer.database.backup.quarantine import (
    CAUSE_RESTORED,
    is_claimed_elsewhere,
    mark_open_unknown,
    mark_retryable_unknown,
)
from pvd_mailer.database.schema import batches, dispatches, recipients, subscribers
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal.approval_record import ApprovalRecord
from pvd_mailer.journal.dispatch_log import write_log
from pvd_mailer.journal.dispatches import Dispatch, create_dispatch, dispatches_of_issue, mark_void
from pvd_mailer.journal.queries.totals import effective_state

__all__ = [
    "RECONCILED",
    "RecordedDispatch",
    "adopt_dispatch",
    "reconcile_calls",
    "unknown_audience_since",
    "void_approvals",
]

RECONCILED = "reconciled"
"""The line in a dispatch's log."""
_OPEN_STATES = (DispatchState.APPROVED, DispatchState.RUNNING, DispatchState.PAUSED)


@dataclass(frozen=True, slots=True)
class RecordedDispatch:
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
    seal: ApprovalRecord


def reconcile_calls(connection: Connection, dispatch: Dispatch, calls: int, now: datetime) -> int:
    """Let the journal know that `calls` calls of `dispatch` may have left, and bring it to a standstill.

    Returns:
        How many people are unknown since.
    """
    count = 0
    if dispatch.state in _OPEN_STATES:
        if dispatch.state is DispatchState.APPROVED:  # it has begun since
            _update_dispatch(connection, dispatch.id, state=str(DispatchState.RUNNING), started_at=now)
        _update_dispatch(
            connection,
            dispatch.id,
            state=str(DispatchState.PAUSED),
            paused_why=CAUSE_RESTORED,
            **dict.fromkeys(("owner", "start_at", "not_before")),
        )
        count += mark_open_unknown(connection, dispatch.id, now)
    elif dispatch.state in {DispatchState.VOID, DispatchState.CANCELLED}:
        count += _mark_cancelled_unknown(connection, dispatch, now)
    if dispatch.state not in {DispatchState.VOID, DispatchState.CANCELLED}:
        count += mark_retryable_unknown(connection, dispatch.id, now)
    _update_dispatch(connection, dispatch.id, calls=max(calls, dispatch.calls))
    write_log(connection, dispatch.id, now, RECONCILED, detail=str(count))
    return count


def _update_dispatch(connection: Connection, dispatch_id: str, **values: Any) -> None:
    connection.execute(update(dispatches).where(dispatches.c.id == dispatch_id).values(**values))


def _mark_cancelled_unknown(connection: Connection, dispatch: Dispatch, now: datetime) -> int:
    """Make unknown whom a dispatch was not to be sent to any more, as far as no other dispatch claims them."""
    cancelled_batches = select(batches.c.id).where(
        batches.c.dispatch_id == dispatch.id, batches.c.state == str(RecipientState.CANCELLED)
    )
    is_cancelled = and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(cancelled_batches))
    return connection.execute(
        update(recipients)
        .where(
            recipients.c.dispatch_id == dispatch.id,
            is_cancelled,
            or_(recipients.c.claims_issue, ~is_claimed_elsewhere()),
        )
        .values(
            state=str(RecipientState.UNKNOWN),
            cause=CAUSE_RESTORED,
            reason="",
            claims_issue=false() if dispatch.again else true(),
            settled_at=now,
        )
    ).rowcount


def void_approvals(
    connection: Connection, number: int, except_ids: Collection[str], why: str, now: datetime
) -> list[str]:
    """Take back the approvals of an issue that have not begun, other than `except_ids`; their ids.

    Their audiences were frozen without knowing who had the letter.
    """
    dispatch_ids = [
        dispatch.id
        for dispatch in dispatches_of_issue(connection, number)
        if dispatch.id not in except_ids and not dispatch.approval.rehearsal
    ]
    return [dispatch_id for dispatch_id in dispatch_ids if mark_void(connection, dispatch_id, why, now)]


def adopt_dispatch(
    connection: Connection, recorded: RecordedDispatch, publication: str, number: int, now: datetime
) -> int:
    """Take a dispatch into the journal of which only its record is left. Who was in it is not known any more.

    So everybody counts as one who may have the letter, but those whom another dispatch of the issue claims. It is
    called off: of it nothing leaves any more, and a person decides what is unknown.

    Returns:
        How many people are unknown since.
    """
    issue_key = f"{publication}/{number}"
    create_dispatch(
        connection,
        Dispatch(
            id=recorded.id,
            publication=publication,
            number=number,
            issue_key=issue_key,
            state=DispatchState.CANCELLED,
            letter=recorded.letter,
            approval=recorded.seal,
            approved_by="",
            approved_at=recorded.approved_at or now,
            again=False,
            start_at=None,
            owner=None,
            started_at=recorded.started_at or now,
            ended_at=now,
            paused_why=CAUSE_RESTORED,
            not_before=None,
            calls=recorded.calls,
        ),
    )
    other_rows = (
        select(recipients.c.position)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.issue_key == issue_key, recipients.c.address_key == subscribers.c.address_key)
        .where(or_(recipients.c.claims_issue, effective_state.in_([RecipientState.ACCEPTED, RecipientState.UNKNOWN])))
    )
    values: dict[str, ColumnElement[Any]] = {
        "dispatch_id": literal(recorded.id, String),
        "position": cast(func.row_number().over(order_by=subscribers.c.id) - 1, Integer),
        "batch_id": cast(null(), recipients.c.batch_id.type),
        "subscriber_ref": subscribers.c.ref,
        "issue_key": literal(issue_key, String),
        "address_key": subscribers.c.address_key,
        "address": subscribers.c.address,
        "name": func.trim(subscribers.c.first_name + " " + subscribers.c.last_name),
        "state": literal(str(RecipientState.UNKNOWN), String),
        "claims_issue": true(),
        "cause": literal(CAUSE_RESTORED, String),
        "settled_at": literal(now, recipients.c.settled_at.type),
    }
    everybody_else = select(*(value.label(column_name) for column_name, value in values.items())).where(
        ~other_rows.exists()
    )
    connection.execute(insert(recipients).from_select(list(values), everybody_else))
    count = connection.scalar(select(func.count()).where(recipients.c.dispatch_id == recorded.id)) or 0
    write_log(connection, recorded.id, now, RECONCILED, detail=str(count))
    return count


def unknown_audience_since(connection: Connection, issue_key: str) -> datetime | None:
    """Since when people whom the database has come to know may have the issue by a dispatch that it does not know.

    None where there is no such dispatch. A person who says that nobody has its letter speaks of those whom the database
    knows; of the others nobody was asked.
    """
    rows = connection.execute(
        select(dispatches.c.sealed, dispatches.c.ended_at).where(
            dispatches.c.issue_key == issue_key, dispatches.c.state == str(DispatchState.CANCELLED)
        )
    )
    return min((ended_at for sealed, ended_at in rows if ApprovalRecord.from_json(sealed).from_record), default=None)
