"""Who may not be written to, looked at again at the last moment, and who came after an audience was frozen."""

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from pvd_mailer.database.schema import batches, recipients, subscribers
from pvd_mailer.database.states import RecipientState, SubscriberState
from pvd_mailer.subscribers.filters import AudienceFilter, filter_condition

__all__ = ["FORGOTTEN", "count_newcomers", "first_pending_recipient", "suppressed_in_batch", "suppressed_in_dispatch"]

FORGOTTEN = "forgotten"
"""The reason of those who are on no list any more."""
_WITH_SUBSCRIBER = recipients.outerjoin(subscribers, recipients.c.address_key == subscribers.c.address_key)
_IS_SUPPRESSED: ColumnElement[bool] = or_(subscribers.c.id.is_(None), subscribers.c.state != SubscriberState.SUBSCRIBED)


def suppressed_in_batch(connection: Connection, batch_id: int) -> dict[int, str]:
    """The recipients of a batch who may not be written to now: position -> why (a subscriber's state, or FORGOTTEN)."""
    rows = connection.execute(
        select(recipients.c.position, subscribers.c.state)
        .select_from(_WITH_SUBSCRIBER)
        .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None), _IS_SUPPRESSED)
    )
    return {position: state or FORGOTTEN for position, state in rows}


def suppressed_in_dispatch(connection: Connection, dispatch_id: str) -> list[tuple[str, str]]:
    """Those still pending of a dispatch who may not be written to now: address and why."""
    rows = connection.execute(
        select(recipients.c.address, subscribers.c.state)
        .select_from(_WITH_SUBSCRIBER.join(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, recipients.c.state.is_(None), _IS_SUPPRESSED)
        .where(batches.c.state == RecipientState.PENDING)
        .order_by(recipients.c.position)
    )
    return [(address, state or FORGOTTEN) for address, state in rows]


def first_pending_recipient(connection: Connection, dispatch_id: str) -> tuple[int, str | None, str, str] | None:
    """Position, reference, address and name of the first one pending of a dispatch who may be written to now."""
    row = connection.execute(
        select(recipients.c.position, recipients.c.subscriber_ref, recipients.c.address, recipients.c.name)
        .select_from(_WITH_SUBSCRIBER.join(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, recipients.c.state.is_(None), ~_IS_SUPPRESSED)
        .where(batches.c.state == RecipientState.PENDING)
        .order_by(recipients.c.position)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1], row[2], row[3]) if row else None


def count_newcomers(connection: Connection, audience: AudienceFilter, dispatch_id: str) -> int:
    """How many `audience` finds now who were not there when the dispatch's audience was frozen."""
    in_snapshot = select(recipients.c.position).where(
        recipients.c.dispatch_id == dispatch_id, recipients.c.address_key == subscribers.c.address_key
    )
    query = select(func.count()).where(
        and_(subscribers.c.state == SubscriberState.SUBSCRIBED, filter_condition(audience), ~in_snapshot.exists())
    )
    return connection.execute(query.select_from(subscribers)).scalar_one()
