"""Who of a dispatch stands where, by address: for the person who sends it, and never for a log."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import State
from pvd_mailer.journal.account import effective

__all__ = ["Standing", "people_in", "standings"]

_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)
_AT_ONCE = 1000


class Standing(NamedTuple):
    """One recipient of a dispatch.

    Attributes:
        cause: Why they stand there, as the journal calls it; empty where there is nothing to say.
        reason: The far side's own words.
        called_at: When the call left that they were in last; None where none did.
    """

    address: str
    name: str
    state: State
    cause: str
    reason: str
    called_at: datetime | None


def standings(
    connection: Connection, dispatch_id: str, states: Collection[State] = tuple(State), cause: str | None = None
) -> Iterator[Standing]:
    """The recipients of a dispatch in one of `states`, and for one `cause` if given.

    Who stands in the same place for the same reason follow one another, in the order of the audience.
    """
    own = recipients.c.state.is_not(None)
    why = func.coalesce(func.nullif(recipients.c.cause, ""), batches.c.cause, "")
    words = case((own, recipients.c.reason), else_=func.coalesce(batches.c.reason, ""))
    query = (
        select(recipients.c.address, recipients.c.name, effective, why, words, batches.c.claimed_at)
        .select_from(_WITH_BATCH)
        .where(recipients.c.dispatch_id == dispatch_id, effective.in_([str(state) for state in states]))
        .order_by(effective, why, words, recipients.c.position)
    )
    if cause is not None:
        query = query.where(why == cause)
    for address, name, state, known, reason, called_at in connection.execute(
        query, execution_options={"yield_per": _AT_ONCE}
    ):
        yield Standing(address, name, State(state), known, reason, called_at)


def people_in(connection: Connection, dispatch_id: str, state: State) -> list[tuple[str, str]]:
    """The recipients of a dispatch in `state`: address and cause."""
    return [(one.address, one.cause) for one in standings(connection, dispatch_id, (state,))]
