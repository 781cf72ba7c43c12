"""The account of a dispatch: every recipient of the frozen audience is in exactly one state."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, func, select

from pvd_mailer.database.schema import batches, recipients
from pvd_mailer.database.states import State

__all__ = ["Account", "account", "effective", "has_reached"]

effective = func.coalesce(recipients.c.state, batches.c.state)
"""A recipient's state: its own, or that of its batch."""


@dataclass(frozen=True, slots=True)
class Account:
    """How many recipients stand where; `states` adds up to `audience`.

    Attributes:
        reasons: By (state, cause, reason): what was said of those refused, excluded, unknown, or to be tried again.
        retryable: How many of the refused another attempt may reach.
    """

    audience: int
    states: Counter[State] = field(default_factory=Counter)
    reasons: Counter[tuple[State, str, str]] = field(default_factory=Counter)
    retryable: int = 0

    @property
    def left(self) -> int:
        """How many a sender still has before it, or in flight."""
        return self.states[State.PENDING] + self.states[State.SENDING]

    @property
    def is_complete(self) -> bool:
        """Whether everybody who was to have the letter has it."""
        return self.states[State.ACCEPTED] + self.states[State.EXCLUDED] == self.audience

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {
            "audience": self.audience,
            "states": {str(state): self.states[state] for state in State},
            "retryable": self.retryable,
            "complete": self.is_complete,
            "reasons": [
                {"state": str(state), "cause": cause, "reason": reason, "count": count}
                for (state, cause, reason), count in self.reasons.most_common()
            ],
        }


def has_reached(connection: Connection, dispatch_id: str) -> bool:
    """Whether somebody of the dispatch has the letter."""
    found = connection.execute(
        select(recipients.c.position)
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id, effective == State.ACCEPTED)
        .limit(1)
    )
    return found.first() is not None


def account(connection: Connection, dispatch_id: str) -> Account:
    """The account of the dispatch, as of now."""
    own = recipients.c.state.is_not(None)
    # Why somebody stands where they stand is told where the state is: of them, or of their batch.
    cause = case((own, recipients.c.cause), else_=batches.c.cause)
    reason = case((own, recipients.c.reason), else_=batches.c.reason)
    retryable = case((own, recipients.c.retryable), else_=batches.c.retryable)
    rows = connection.execute(
        select(effective, own, cause, reason, retryable, func.count())
        .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
        .where(recipients.c.dispatch_id == dispatch_id)
        .group_by(effective, own, cause, reason, retryable)
    )
    states: Counter[State] = Counter()
    reasons: Counter[tuple[State, str, str]] = Counter()
    again = 0
    for name, _own, why, words, retry, count in rows:
        state = State(name)
        states[state] += count
        if state not in {State.ACCEPTED, State.SENDING, State.CANCELLED} and (why or words):
            reasons[state, why, words] += count
        if state is State.REFUSED and retry:
            again += count
    return Account(states.total(), states, reasons, again)
