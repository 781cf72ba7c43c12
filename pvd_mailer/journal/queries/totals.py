"""The account of a dispatch: every recipient of the frozen audience is in exactly one state."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection, Table, func, select

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import RecipientState

__all__ = ["DispatchTotals", "count_recipients", "effective_state", "has_accepted"]

effective_state = func.coalesce(recipients.c.state, batches.c.state)
"""A recipient's state: its own, or that of its batch."""


@dataclass(frozen=True, slots=True)
class DispatchTotals:
    """How many recipients stand where; `states` adds up to `audience`.

    Attributes:
        reasons: By (state, cause, reason): what was said of those refused, excluded, unknown, or to be tried again.
        retryable: How many of the refused another attempt may reach.
    """

    audience: int
    states: Counter[RecipientState] = field(default_factory=Counter)
    reasons: Counter[tuple[RecipientState, str, str]] = field(default_factory=Counter)
    retryable: int = 0

    @property
    def remaining(self) -> int:
        """How many a sender still has before it, or in flight."""
        return self.states[RecipientState.PENDING] + self.states[RecipientState.SENDING]

    @property
    def is_complete(self) -> bool:
        """Whether everybody who was to have the letter has it."""
        return self.states[RecipientState.ACCEPTED] + self.states[RecipientState.EXCLUDED] == self.audience

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {
            "audience": self.audience,
            "states": {str(state): self.states[state] for state in RecipientState},
            "retryable": self.retryable,
            "complete": self.is_complete,
            "reasons": [
                {"state": str(state), "cause": cause, "reason": reason, "count": count}
                for (state, cause, reason), count in self.reasons.most_common()
            ],
        }


def has_accepted(connection: Connection, dispatch_id: str) -> bool:
    """Whether somebody of the dispatch has the letter."""
    accepted = connection.execute(
        select(recipients.c.position)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, effective_state == RecipientState.ACCEPTED)
        .limit(1)
    )
    return accepted.first() is not None


def count_recipients(connection: Connection, dispatch_id: str) -> DispatchTotals:
    """The account of the dispatch, as of now.

    Why somebody stands where they stand is told where the state is: of them, or of their batch. Batches are counted by
    the index on them, and rows looked into only where they say something of their own: for a million, a quarter of the
    time that it takes to put every row beside its batch.
    """
    batch_columns = (batches.c.state, *_reason_columns(batches))
    sizes = (
        select(recipients.c.batch_id, func.count().label("size"))
        .where(recipients.c.batch_id.in_(select(batches.c.id).where(batches.c.dispatch_id == dispatch_id)))
        .group_by(recipients.c.batch_id)
        .subquery()
    )
    by_batch = connection.execute(
        select(*batch_columns, func.sum(sizes.c.size))
        .select_from(batches.join(sizes, batches.c.id == sizes.c.batch_id))
        .group_by(*batch_columns)
    ).all()
    own_columns = (recipients.c.state, *_reason_columns(recipients))
    by_recipient = connection.execute(
        select(*own_columns, *batch_columns, func.count())
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, recipients.c.state.is_not(None))
        .group_by(*own_columns, *batch_columns)
    ).all()
    tallies: Counter[tuple[Any, ...]] = Counter()
    for *columns, count in by_batch:
        tallies[tuple(columns)] += int(count)
    for *columns, count in by_recipient:
        tallies[tuple(columns[: len(own_columns)])] += count
        tallies[tuple(columns[len(own_columns) :])] -= count  # of no batch: a row of Nones, which stands for nobody
    states: Counter[RecipientState] = Counter()
    reasons: Counter[tuple[RecipientState, str, str]] = Counter()
    retryable_count = 0
    for (name, cause, reason, is_retryable), count in (+tallies).items():
        state = RecipientState(name)
        states[state] += count
        if state not in {RecipientState.ACCEPTED, RecipientState.SENDING, RecipientState.CANCELLED} and (
            cause or reason
        ):
            reasons[state, cause, reason] += count
        if state is RecipientState.REFUSED and is_retryable:
            retryable_count += count
    return DispatchTotals(states.total(), states, reasons, retryable_count)


def _reason_columns(table: Table) -> tuple[Column[Any], ...]:
    return table.c.cause, table.c.reason, table.c.retryable
