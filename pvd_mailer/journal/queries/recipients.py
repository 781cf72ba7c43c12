"""Who of a dispatch stands where, by address: for the person who sends it, and never for a log."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal.queries.totals import effective_state

__all__ = ["RecipientStatus", "recipient_statuses", "recipients_in_state"]

_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)
_ROWS_AT_ONCE = 1000


class RecipientStatus(NamedTuple):
    """One recipient of a dispatch.

    Attributes:
        cause: Why they stand there, as the journal calls it; empty where there is nothing to say.
        reason: The far side's own words.
        called_at: When the call left that they were in last; None where none did.
    """

    address: str
    name: str
    state: RecipientState
    cause: str
    reason: str
    called_at: datetime | None


def recipient_statuses(
    connection: Connection,
    dispatch_id: str,
    states: Collection[RecipientState] = tuple(RecipientState),
    cause: str | None = None,
) -> Iterator[RecipientStatus]:
    """The recipients of a dispatch in one of `states`, and for one `cause` if given.

    Who stands in the same place for the same reason follow one another, in the order of the audience.
    """
    has_own_state = recipients.c.state.is_not(None)
    effective_cause = func.coalesce(func.nullif(recipients.c.cause, ""), batches.c.cause, "")
    effective_reason = case((has_own_state, recipients.c.reason), else_=func.coalesce(batches.c.reason, ""))
    query = (
        select(
            recipients.c.address,
            recipients.c.name,
            effective_state,
            effective_cause,
            effective_reason,
            batches.c.claimed_at,
        )
        .select_from(_WITH_BATCH)
        .where(recipients.c.dispatch_id == dispatch_id, effective_state.in_([str(state) for state in states]))
        .order_by(effective_state, effective_cause, effective_reason, recipients.c.position)
    )
    if cause is not None:
        query = query.where(effective_cause == cause)
    for address, name, state, known_cause, reason, called_at in connection.execute(
        query, execution_options={"yield_per": _ROWS_AT_ONCE}
    ):
        yield RecipientStatus(address, name, RecipientState(state), known_cause, reason, called_at)


def recipients_in_state(connection: Connection, dispatch_id: str, state: RecipientState) -> list[tuple[str, str]]:
    """The recipients of a dispatch in `state`: address and cause."""
    return [(recipient.address, recipient.cause) for recipient in recipient_statuses(connection, dispatch_id, (state,))]
