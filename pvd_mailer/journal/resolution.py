"""What a person decides: the refused are tried again, the unknown are taken as sent or sent again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.journal.account import effective
from pvd_mailer.journal.batches import new_batches
from pvd_mailer.journal.dispatches import Dispatch, reopen, write_entry
from pvd_mailer.journal.freezing import ALREADY, IN_LIMIT, held

__all__ = ["BY_HAND", "CLOSED", "assume_accepted", "resend_unknown", "retry_refused"]

BY_HAND = "by-hand"
"""Why somebody is refused of whom a person has said that they do not have the letter."""
CLOSED = (DispatchState.CANCELLED, DispatchState.VOID)
"""Nothing of these leaves any more."""


def retry_refused(connection: Connection, dispatch: Dispatch, now: datetime, *, by: str = "") -> int:
    """Make those refused whom another attempt may reach pending again; how many.

    Who got the issue by another dispatch in the meantime is left out instead.
    """
    retryable = or_(recipients.c.retryable, and_(recipients.c.state.is_(None), batches.c.retryable))
    chosen = _people(connection, dispatch.id, and_(effective == State.REFUSED, retryable))
    if not dispatch.again:
        have = held(connection, dispatch.issue_key, list(chosen.values()))
        left = [position for position, key in chosen.items() if key in have]
        for start in range(0, len(left), IN_LIMIT):
            connection.execute(
                update(recipients)
                .where(recipients.c.dispatch_id == dispatch.id)
                .where(recipients.c.position.in_(left[start : start + IN_LIMIT]))
                .values(state=str(State.EXCLUDED), cause=ALREADY, reason="", retryable=False, settled_at=now)
            )
        chosen = {position: key for position, key in chosen.items() if key not in have}
    positions = list(chosen)
    new_batches(connection, dispatch.id, positions)
    if not dispatch.again:
        for start in range(0, len(positions), IN_LIMIT):
            connection.execute(
                update(recipients)
                .where(recipients.c.dispatch_id == dispatch.id)
                .where(recipients.c.position.in_(positions[start : start + IN_LIMIT]))
                .values(holds=True)
            )
    if positions:
        reopen(connection, dispatch.id)
        write_entry(connection, dispatch.id, now, "retry-refused", by=by, detail=str(len(positions)))
    return len(positions)


def _people(connection: Connection, dispatch_id: str, condition: ColumnElement[bool]) -> dict[int, str]:
    rows = connection.execute(
        select(recipients.c.position, recipients.c.address_key)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, condition)
        .order_by(recipients.c.position)
    )
    return dict(rows.all())


def _unknown(connection: Connection, dispatch_id: str, cause: str | None, only: Collection[str] | None) -> list[int]:
    """The positions of the unknown: those of one `cause`, and of `only` these people, where that is given."""
    why = func.coalesce(func.nullif(recipients.c.cause, ""), batches.c.cause)
    is_unknown = effective == State.UNKNOWN
    people = _people(connection, dispatch_id, and_(is_unknown, why == cause) if cause else is_unknown)
    return [position for position, key in people.items() if only is None or key in only]


def assume_accepted(
    connection: Connection,
    dispatch_id: str,
    now: datetime,
    *,
    by: str = "",
    cause: str | None = None,
    only: Collection[str] | None = None,
) -> int:
    """Take the unknown as having the letter; how many.

    Args:
        connection: The transaction.
        dispatch_id: Whose unknown.
        now: When.
        by: Who says so.
        cause: Only those of this cause.
        only: Only those with these canonical addresses.
    """
    positions = _unknown(connection, dispatch_id, cause, only)
    for start in range(0, len(positions), IN_LIMIT):
        connection.execute(
            update(recipients)
            .where(recipients.c.dispatch_id == dispatch_id)
            .where(recipients.c.position.in_(positions[start : start + IN_LIMIT]))
            .values(state=str(State.ACCEPTED), settled_at=now)
        )
    if positions:
        write_entry(connection, dispatch_id, now, "assume-accepted", by=by, detail=str(len(positions)))
    return len(positions)


def resend_unknown(
    connection: Connection,
    dispatch: Dispatch,
    now: datetime,
    *,
    by: str = "",
    cause: str | None = None,
    only: Collection[str] | None = None,
) -> int:
    """Make the unknown pending again, on a person's word; how many. The arguments are those of `assume_accepted`.

    A dispatch that was called off or is void sends nothing any more: there they are refused, and free for another one.
    """
    positions = _unknown(connection, dispatch.id, cause, only)
    if dispatch.state in CLOSED:
        for start in range(0, len(positions), IN_LIMIT):
            connection.execute(
                update(recipients)
                .where(recipients.c.dispatch_id == dispatch.id)
                .where(recipients.c.position.in_(positions[start : start + IN_LIMIT]))
                .values(state=str(State.REFUSED), cause=BY_HAND, holds=False, settled_at=now)
            )
    else:
        new_batches(connection, dispatch.id, positions)
    if positions:
        reopen(connection, dispatch.id)
        write_entry(connection, dispatch.id, now, "resend-unknown", by=by, detail=str(len(positions)))
    return len(positions)
