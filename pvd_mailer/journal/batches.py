"""Batches on their way: claimed before the channel is called, settled by what it said.

A claim is a compare-and-swap on (state, attempt) by the sender that owns the dispatch; a settlement is one on
(owner, attempt). So a sender that was taken for dead can change nothing that is not its own.
"""

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from pvd_mailer.chunked import chunked
from pvd_mailer.database.engine import MAX_IN_VALUES
from pvd_mailer.database.schema import batches, dispatches, recipients
from pvd_mailer.database.states import DispatchState, RecipientState

__all__ = [
    "BatchRecipient",
    "Claim",
    "batch_recipients",
    "claim_batch",
    "exclude_recipients",
    "is_in_flight",
    "mark_in_flight_unknown",
    "move_to_new_batches",
    "requeue_batch",
    "settle_batch",
    "settle_recipient",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch that a sender may hand to a channel, once.

    Attributes:
        number: Which of the dispatch's calls it is, counted from 1. A later claim has a higher number.
    """

    batch_id: int
    dispatch_id: str
    owner: str
    attempt: int
    call_id: str
    number: int


class BatchRecipient(NamedTuple):
    """One recipient of a batch; a tuple, for a thousand of them are made for each call."""

    position: int
    subscriber_ref: str | None
    address: str
    name: str
    address_key: str


def claim_batch(connection: Connection, dispatch_id: str, owner: str, now: datetime) -> Claim | None:
    """The next pending batch of a running dispatch that is `owner`'s, now `sending`; None where there is none.

    Whether a wait that a provider asked for is over is for the sender to know, by a clock that nobody can set. On
    PostgreSQL it is one statement, so that it may be a transaction by itself.
    """
    pending = (
        select(batches.c.id)
        .where(batches.c.dispatch_id == dispatch_id, batches.c.state == RecipientState.PENDING)
        .order_by(batches.c.id)
        .limit(1)
    )
    # The dispatch before the batch, as whoever calls it off locks them. A number without a batch does no harm.
    next_number = (
        update(dispatches)
        .where(dispatches.c.id == dispatch_id, dispatches.c.state == DispatchState.RUNNING, dispatches.c.owner == owner)
        .where(pending.exists())
        .values(calls=dispatches.c.calls + 1)
        .returning(dispatches.c.calls)
    )
    call_id = secrets.token_hex(12)
    claimed = (
        update(batches)
        .values(
            state=str(RecipientState.SENDING),
            owner=owner,
            attempt=batches.c.attempt + 1,
            call_id=call_id,
            claimed_at=now,
            not_before=None,
            cause="",
            reason="",
        )
        .where(batches.c.state == RecipientState.PENDING)
    )
    if connection.dialect.name == "sqlite":  # it has one writer, and changes one table a statement
        number = connection.execute(next_number).scalar()
        if number is None:
            return None
        chosen = claimed.where(batches.c.id == pending.scalar_subquery()).returning(batches.c.id, batches.c.attempt)
        batch_id, attempt = connection.execute(chosen).one()
        return Claim(batch_id, dispatch_id, owner, attempt, call_id, number)
    numbered = next_number.cte("numbered")
    # What is asked of `numbered` belongs to no row, so it is known, and the dispatch locked, before a batch is.
    unlocked = pending.where(select(numbered.c.calls).exists()).with_for_update(skip_locked=True).cte("unlocked")
    row = connection.execute(
        claimed.where(batches.c.id == unlocked.c.id).returning(
            batches.c.id, batches.c.attempt, select(numbered.c.calls).scalar_subquery()
        )
    ).one_or_none()
    return Claim(row[0], dispatch_id, owner, row[1], call_id, row[2]) if row else None


def batch_recipients(connection: Connection, batch_id: int) -> list[BatchRecipient]:
    """The recipients of a batch who have no outcome of their own, in their order."""
    query = (
        select(*(recipients.c[name] for name in BatchRecipient._fields))
        .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
        .order_by(recipients.c.position)
    )
    if connection.dialect.name == "sqlite":
        # Python's driver lets other threads go first at every row: a thousand rows a call, with many lanes, would take
        # longer than the call. As one row of JSON they come at once.
        rows = query.subquery()
        as_json = select(func.json_group_array(func.json_array(*rows.c)))
        return [BatchRecipient._make(row) for row in json.loads(connection.execute(as_json).scalar_one())]
    return [BatchRecipient._make(row) for row in connection.execute(query)]


def exclude_recipients(connection: Connection, dispatch_id: str, reasons: dict[int, str], now: datetime) -> None:
    """Leave out the recipients at those positions, each for its reason."""
    for cause in sorted(set(reasons.values())):
        positions = [position for position, reason in reasons.items() if reason == cause]
        for chunk in chunked(positions, MAX_IN_VALUES):
            connection.execute(
                update(recipients)
                .where(recipients.c.dispatch_id == dispatch_id)
                .where(recipients.c.position.in_(chunk), recipients.c.state.is_(None))
                .values(state=str(RecipientState.EXCLUDED), cause=cause, claims_issue=False, settled_at=now)
            )


def _is_still_claimed(claim: Claim, *states: RecipientState) -> ColumnElement[bool]:
    """The batch is the claim's still, in one of `states`: nobody else has claimed it, or sent it again, since."""
    return and_(
        batches.c.id == claim.batch_id,
        batches.c.owner == claim.owner,
        batches.c.attempt == claim.attempt,
        batches.c.state.in_(states),
    )


def settle_batch(
    connection: Connection,
    claim: Claim,
    state: RecipientState,
    now: datetime,
    *,
    cause: str = "",
    reason: str = "",
    retryable: bool = False,
) -> bool:
    """Write down what became of a batch, for all its recipients without an outcome of their own.

    An answer that comes when the batch was taken for lost still moves it from unknown. False where the batch is
    not the claim's any more.
    """
    result = connection.execute(
        update(batches)
        .where(_is_still_claimed(claim, RecipientState.SENDING, RecipientState.UNKNOWN))
        .values(state=str(state), cause=cause, reason=reason, retryable=retryable, settled_at=now)
    )
    if result.rowcount == 1 and state is RecipientState.REFUSED:
        _release_issue(connection, claim.batch_id)
    return result.rowcount == 1


def _release_issue(connection: Connection, batch_id: int) -> None:
    """Nothing reached these people: another dispatch may."""
    connection.execute(
        update(recipients)
        .where(recipients.c.batch_id == batch_id, recipients.c.state.is_(None))
        .values(claims_issue=False)
    )


def settle_recipient(
    connection: Connection,
    claim: Claim,
    position: int,
    state: RecipientState,
    now: datetime,
    *,
    cause: str = "",
    reason: str = "",
    retryable: bool = False,
) -> bool:
    """Write down what became of one recipient of a claimed batch; False where the batch is not the claim's any more."""
    claimed_batch = select(batches.c.id).where(_is_still_claimed(claim, RecipientState.SENDING, RecipientState.UNKNOWN))
    result = connection.execute(
        update(recipients)
        .where(
            recipients.c.dispatch_id == claim.dispatch_id,
            recipients.c.position == position,
            recipients.c.batch_id == claim.batch_id,
            recipients.c.state.is_(None),
            claimed_batch.exists(),
        )
        .values(
            state=str(state),
            cause=cause,
            reason=reason,
            retryable=retryable,
            settled_at=now,
            **({"claims_issue": False} if state is RecipientState.REFUSED else {}),
        )
    )
    return result.rowcount == 1


def requeue_batch(connection: Connection, claim: Claim, until: datetime | None, *, cause: str, reason: str) -> bool:
    """Back to pending, for provably nothing of it left; `until` is when the provider asked to be called again."""
    result = connection.execute(
        update(batches)
        .where(_is_still_claimed(claim, RecipientState.SENDING))
        .values(state=str(RecipientState.PENDING), not_before=until, cause=cause, reason=reason)
    )
    return result.rowcount == 1


def mark_in_flight_unknown(connection: Connection, cause: str, now: datetime) -> Counter[str]:
    """Make whatever is in flight unknown, and no dispatch anybody's; recipients by dispatch.

    Only for whoever holds the sender's lock, and so knows that no sender lives: one that was taken for dead and wakes
    can claim nothing more, of any dispatch.
    """
    connection.execute(
        update(dispatches)
        .where(dispatches.c.state == DispatchState.RUNNING, dispatches.c.owner.is_not(None))
        .values(owner=None)
    )
    in_flight = (
        select(batches.c.dispatch_id, func.count())
        .select_from(recipients.join(batches, recipients.c.batch_id == batches.c.id))
        .where(batches.c.state == RecipientState.SENDING, recipients.c.state.is_(None))
        .group_by(batches.c.dispatch_id)
    )
    counts: Counter[str] = Counter(dict(connection.execute(in_flight).all()))
    connection.execute(
        update(batches)
        .where(batches.c.state == RecipientState.SENDING)
        .values(state=str(RecipientState.UNKNOWN), cause=cause, settled_at=now)
    )
    return counts


def is_in_flight(connection: Connection, claim: Claim) -> bool:
    """Whether a claimed batch is its claim's still, and nobody has called it lost."""
    return (
        connection.execute(select(batches.c.id).where(_is_still_claimed(claim, RecipientState.SENDING))).first()
        is not None
    )


def move_to_new_batches(
    connection: Connection, dispatch_id: str, positions: Sequence[int], max_size: int | None = None
) -> None:
    """Move recipients whom nothing reached, or of whom a person decided, into batches of their own, pending.

    None is larger than those of the approval, which fitted the channel and its rate, nor than `max_size`.
    """
    sizes = select(func.count().label("size")).where(recipients.c.dispatch_id == dispatch_id)
    sizes = sizes.where(recipients.c.batch_id.is_not(None)).group_by(recipients.c.batch_id)
    batch_size = connection.execute(select(func.max(sizes.subquery().c.size))).scalar_one() or 1
    batch_size = min(batch_size, max_size or batch_size)
    for chosen in chunked(positions, batch_size):
        batch_id = connection.execute(
            insert(batches).values(dispatch_id=dispatch_id, state=str(RecipientState.PENDING)).returning(batches.c.id)
        ).scalar_one()
        for chunk in chunked(chosen, MAX_IN_VALUES):
            connection.execute(
                update(recipients)
                .where(
                    recipients.c.dispatch_id == dispatch_id,
                    recipients.c.position.in_(chunk),
                )
                .values(batch_id=batch_id, state=None, cause="", reason="", retryable=False, settled_at=None)
            )
