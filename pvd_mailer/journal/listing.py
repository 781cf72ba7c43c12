"""Who of a dispatch stands where, by address: for the person who sends it, and never for a log."""

from sqlalchemy import Connection, select

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import State
from pvd_mailer.journal.account import effective

__all__ = ["people_in"]

_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)


def people_in(connection: Connection, dispatch_id: str, state: State) -> list[tuple[str, str]]:
    """The recipients of a dispatch in `state`: address and cause, in their order."""
    rows = connection.execute(
        select(recipients.c.address, recipients.c.cause, batches.c.cause)
        .select_from(_WITH_BATCH)
        .where(recipients.c.dispatch_id == dispatch_id, effective == state)
        .order_by(recipients.c.position)
    )
    return [(address, own or shared or "") for address, own, shared in rows]
