"""What events prove: that a call was taken whose answer never came, that somebody has the letter after all.

An event that carries the id of a call proves the whole call: SendGrid takes one or refuses one. An event that names a
recipient alone, such as a message that came back, proves that recipient. What is in flight is left to its sender.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, update

from pvd_mailer.database.schema import batches, events, log, recipients
from pvd_mailer.database.states import EventKind, State
from pvd_mailer.journal.batches import is_pending
from pvd_mailer.journal.dispatches import finish, write_entry
from pvd_mailer.journal.events import IN_LIMIT, Event, Place, by_dispatch

__all__ = ["SETTLED", "has_been_resent", "proves", "settle_all", "settle_claimed", "settle_told"]

SETTLED = "settled-by-events"
"""The line in a dispatch's log."""
_PROVE = ("sendgrid", "maildir")
"""Sources that tell of a message after it was taken; a refusal told by the sender itself proves the contrary."""
_ACCEPTED = {"state": str(State.ACCEPTED), "cause": "", "reason": "", "retryable": False}


def proves(event: Event) -> bool:
    """Whether `event` proves that its recipient has the letter.

    A departure that names no call of ours does not: the letter that it is put down to is a guess.
    """
    return event.source in _PROVE and (event.kind is not EventKind.UNSUBSCRIBED or event.call_id is not None)


def settle_told(
    connection: Connection, told: Collection[Place], calls: Collection[tuple[str, str]], now: datetime
) -> Counter[str]:
    """Settle what the events just told prove; by dispatch, how many recipients count as accepted since.

    Args:
        connection: The transaction.
        told: The recipients that they name.
        calls: The dispatches and calls that they name.
        now: When.
    """
    settled: Counter[str] = Counter()
    of_dispatch: dict[str, set[str]] = defaultdict(set)
    for dispatch_id, call_id in calls:
        of_dispatch[dispatch_id].add(call_id)
    for dispatch_id, ids in sorted(of_dispatch.items()):
        wanted = sorted(ids)
        for start in range(0, len(wanted), IN_LIMIT):
            named = batches.c.call_id.in_(wanted[start : start + IN_LIMIT])
            settled[dispatch_id] += _calls(connection, dispatch_id, named, now)
    for dispatch_id, positions in by_dispatch(told):
        settled[dispatch_id] += _unknown(connection, dispatch_id, recipients.c.position.in_(positions), now)
        settled[dispatch_id] += _pending(connection, dispatch_id, positions, now)
    return _told(connection, settled, now)


def settle_all(connection: Connection, dispatch_ids: Collection[str], now: datetime) -> Counter[str]:
    """Settle what became unknown after its event had come; by dispatch, how many recipients count as accepted since."""
    settled: Counter[str] = Counter()
    for dispatch_id in sorted(dispatch_ids):
        told = select(events.c.id).where(events.c.dispatch_id == dispatch_id)
        if connection.execute(told.limit(1)).first() is None:  # as most often; what follows looks at every row
            continue
        lost = batches.c.state == State.UNKNOWN
        proof = select(recipients.c.position).select_from(recipients.join(events, _about_recipient()))
        proof = proof.where(recipients.c.batch_id == batches.c.id, events.c.call_id == batches.c.call_id)
        settled[dispatch_id] += _calls(connection, dispatch_id, and_(lost, proof.exists()), now)
        settled[dispatch_id] += _unknown(connection, dispatch_id, _proof().exists(), now)
    return _told(connection, settled, now)


def has_been_resent(connection: Connection, dispatch_id: str) -> bool:
    """Whether a person had what was unknown sent again: only then may one who is about to get the letter have it."""
    found = select(log.c.id).where(log.c.dispatch_id == dispatch_id, log.c.what == "resend-unknown")
    return connection.execute(found.limit(1)).first() is not None


def settle_claimed(connection: Connection, batch_id: int, now: datetime) -> int:
    """Of a batch that its sender has claimed, and not handed over, settle whom an event shows to have the letter."""
    done = connection.execute(
        update(recipients)
        .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None), _proof().exists())
        .values(**_ACCEPTED, settled_at=now)
    )
    return done.rowcount


def _about_recipient() -> ColumnElement[bool]:
    return and_(
        events.c.dispatch_id == recipients.c.dispatch_id,
        events.c.position == recipients.c.position,
        # As `proves`.
        events.c.source.in_(_PROVE),
        or_(events.c.kind != str(EventKind.UNSUBSCRIBED), events.c.call_id.is_not(None)),
    )


def _proof() -> Select[tuple[int]]:
    """An event that tells of the recipient in the enclosing query."""
    return select(events.c.id).where(_about_recipient())


def _calls(connection: Connection, dispatch_id: str, which: ColumnElement[bool], now: datetime) -> int:
    """Make unknown batches accepted, and those of their call who are unknown on their own; how many people."""
    claimed = connection.execute(
        update(batches)
        .where(batches.c.dispatch_id == dispatch_id, batches.c.state == State.UNKNOWN, which)
        .values(**_ACCEPTED, settled_at=now)
        .returning(batches.c.id, batches.c.claimed_at)
    ).all()
    count = 0
    for batch_id, claimed_at in claimed:
        members = select(func.count()).where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
        count += connection.execute(members).scalar_one()
        count += connection.execute(
            update(recipients)
            .where(recipients.c.batch_id == batch_id, recipients.c.state == State.UNKNOWN)
            .where(recipients.c.settled_at >= claimed_at)  # by this call, and not by one before it
            .values(**_ACCEPTED, settled_at=now)
        ).rowcount
    return count


def _unknown(connection: Connection, dispatch_id: str, which: ColumnElement[bool], now: datetime) -> int:
    lost = select(batches.c.id).where(batches.c.dispatch_id == dispatch_id, batches.c.state == State.UNKNOWN)
    unknown = or_(
        recipients.c.state == State.UNKNOWN, and_(recipients.c.state.is_(None), recipients.c.batch_id.in_(lost))
    )
    return connection.execute(
        update(recipients)
        .where(recipients.c.dispatch_id == dispatch_id, which, unknown)
        .values(**_ACCEPTED, settled_at=now)
    ).rowcount


def _pending(connection: Connection, dispatch_id: str, positions: list[int], now: datetime) -> int:
    """Those put back to pending who have it by an older call: theirs is accepted, and nothing is sent to them again.

    The batches are locked first: a sender that has claimed one in the meantime looks for itself (`settle_claimed`).
    """
    if not is_pending(connection, dispatch_id):  # as most often; what follows is dear, and asked with every call
        return 0
    waiting = connection.execute(
        select(batches.c.id)
        .where(batches.c.dispatch_id == dispatch_id, batches.c.state == State.PENDING)
        .where(
            batches.c.id.in_(
                select(recipients.c.batch_id).where(
                    recipients.c.dispatch_id == dispatch_id,
                    recipients.c.position.in_(positions),
                    recipients.c.state.is_(None),
                )
            )
        )
        .order_by(batches.c.id)
        .with_for_update()
    ).scalars()
    count = 0
    for batch_id in waiting:
        count += connection.execute(
            update(recipients)
            .where(recipients.c.dispatch_id == dispatch_id, recipients.c.position.in_(positions))
            .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
            .values(**_ACCEPTED, settled_at=now)
        ).rowcount
        left = select(recipients.c.position).where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
        connection.execute(
            update(batches)
            .where(batches.c.id == batch_id, batches.c.state == State.PENDING, ~left.exists())
            .values(state=str(State.CANCELLED))  # nobody is left in it
        )
    if count:
        finish(connection, dispatch_id, now)
    return count


def _told(connection: Connection, settled: Counter[str], now: datetime) -> Counter[str]:
    for dispatch_id, count in sorted(settled.items()):
        if count:
            write_entry(connection, dispatch_id, now, SETTLED, detail=str(count))
    return +settled
