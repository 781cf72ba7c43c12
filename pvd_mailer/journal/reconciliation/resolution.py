"""What a person decides: the refused are tried again, the unknown are taken as sent or sent again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal.audience_snapshot import CAUSE_ALREADY, keys_with_issue
from pvd_mailer.journal.batches import move_to_new_batches
from pvd_mailer.journal.dispatch_log import write_log
from pvd_mailer.journal.dispatches import Dispatch, mark_reopened
from pvd_mailer.journal.queries.totals import effective_state

__all__ = ["CAUSE_BY_HAND", "make_refused_pending", "make_unknown_pending", "mark_unknown_accepted"]

CAUSE_BY_HAND = "by-hand"
"""Why somebody is refused of whom a person has said that they do not have the letter."""


def make_refused_pending(connection: Connection, dispatch: Dispatch, now: datetime, *, by: str = "") -> int:
    """Make those refused whom another attempt may reach pending again; how many.

    Who got the issue by another dispatch in the meantime is left out instead.
    """
    retryable = or_(recipients.c.retryable, and_(recipients.c.state.is_(None), batches.c.retryable))
    refused = _recipients_where(connection, dispatch.id, and_(effective_state == RecipientState.REFUSED, retryable))
    if not dispatch.again:
        have_issue = keys_with_issue(connection, dispatch.issue_key, list(refused.values()))
        excluded = [position for position, key in refused.items() if key in have_issue]
        _update_recipients(
            connection,
            dispatch.id,
            excluded,
            state=str(RecipientState.EXCLUDED),
            cause=CAUSE_ALREADY,
            reason="",
            retryable=False,
            settled_at=now,
        )
        refused = {position: key for position, key in refused.items() if key not in have_issue}
    positions = list(refused)
    move_to_new_batches(connection, dispatch.id, positions)
    if not dispatch.again:
        _update_recipients(connection, dispatch.id, positions, claims_issue=True)
    if positions:
        mark_reopened(connection, dispatch.id)
        write_log(connection, dispatch.id, now, "retry-refused", by=by, detail=str(len(positions)))
    return len(positions)


def _update_recipients(connection: Connection, dispatch_id: str, positions: Sequence[int], **values: Any) -> None:
    for chunk in chunked(positions, MAX_IN_VALUES):
        connection.execute(
            update(recipients)
            .where(recipients.c.dispatch_id == dispatch_id, recipients.c.position.in_(chunk))
            .values(**values)
        )


def _recipients_where(connection: Connection, dispatch_id: str, condition: ColumnElement[bool]) -> dict[int, str]:
    rows = connection.execute(
        select(recipients.c.position, recipients.c.address_key)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, condition)
        .order_by(recipients.c.position)
    )
    return dict(rows.all())


def _unknown_positions(
    connection: Connection, dispatch_id: str, cause: str | None, only: Collection[str] | None
) -> list[int]:
    """The positions of the unknown: those of one `cause`, and of `only` these people, where that is given."""
    effective_cause = func.coalesce(func.nullif(recipients.c.cause, ""), batches.c.cause)
    is_unknown = effective_state == RecipientState.UNKNOWN
    people = _recipients_where(
        connection, dispatch_id, and_(is_unknown, effective_cause == cause) if cause else is_unknown
    )
    return [position for position, key in people.items() if only is None or key in only]


def mark_unknown_accepted(
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
    positions = _unknown_positions(connection, dispatch_id, cause, only)
    _update_recipients(connection, dispatch_id, positions, state=str(RecipientState.ACCEPTED), settled_at=now)
    if positions:
        write_log(connection, dispatch_id, now, "assume-accepted", by=by, detail=str(len(positions)))
    return len(positions)


def make_unknown_pending(
    connection: Connection,
    dispatch: Dispatch,
    now: datetime,
    *,
    by: str = "",
    cause: str | None = None,
    only: Collection[str] | None = None,
) -> int:
    """Make the unknown pending again, on a person's word; how many. The arguments are those of `mark_unknown_accepted`.

    A dispatch that was called off or is void sends nothing any more: there they are refused, and free for another one.
    """
    positions = _unknown_positions(connection, dispatch.id, cause, only)
    if dispatch.state.is_closed:
        _update_recipients(
            connection,
            dispatch.id,
            positions,
            state=str(RecipientState.REFUSED),
            cause=CAUSE_BY_HAND,
            claims_issue=False,
            settled_at=now,
        )
    else:
        move_to_new_batches(connection, dispatch.id, positions)
    if positions:
        mark_reopened(connection, dispatch.id)
        write_log(connection, dispatch.id, now, "resend-unknown", by=by, detail=str(len(positions)))
    return len(positions)
