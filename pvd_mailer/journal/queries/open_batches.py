"""Which batches of a dispatch are pending or in flight; each reads, and changes nothing."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Select, bindparam, func, select

from pvd_mailer.database.schema import batches
from pvd_mailer.database.states import RecipientState

__all__ = ["has_batch_in_flight", "has_open_batch", "has_pending_batch", "remaining_wait"]


def remaining_wait(connection: Connection, dispatch_id: str, now: datetime) -> timedelta:
    """For how long a provider that asked an earlier sender to wait is still to be left alone; zero where it did not.

    Where the clock was set back since it asked, nobody knows: it may be called, and says so if that is too soon.
    """
    latest = select(func.max(batches.c.not_before, type_=batches.c.not_before.type)).where(
        batches.c.dispatch_id == dispatch_id,
        batches.c.state == RecipientState.PENDING,
        batches.c.not_before > now,
        batches.c.claimed_at <= now,
    )
    until: datetime | None = connection.execute(latest).scalar_one()
    return until - now if until else timedelta(0)


def has_open_batch(connection: Connection, dispatch_id: str) -> bool:
    """Whether a batch is pending or in flight."""
    open_batches = select(batches.c.id).where(
        batches.c.dispatch_id == dispatch_id, batches.c.state.in_([RecipientState.PENDING, RecipientState.SENDING])
    )
    return connection.execute(open_batches.limit(1)).first() is not None


def has_batch_in_flight(connection: Connection) -> bool:
    """Whether any batch of any dispatch is in flight, or was left so."""
    return (
        connection.execute(select(batches.c.id).where(batches.c.state == RecipientState.SENDING).limit(1)).first()
        is not None
    )


def has_pending_batch(connection: Connection, dispatch_id: str) -> bool:
    """Whether a batch waits to be claimed, now or later."""
    return connection.execute(_pending_batch(), {"dispatch": dispatch_id}).first() is not None


@cache
def _pending_batch() -> Select[tuple[int]]:
    """Built once: it is asked with every call of a provider."""
    is_pending = batches.c.state == RecipientState.PENDING
    return select(batches.c.id).where(batches.c.dispatch_id == bindparam("dispatch"), is_pending).limit(1)
