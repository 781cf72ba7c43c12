"""The states of subscribers, dispatches, batches and recipients, and the changes that are allowed.

The same tables are written into the database as triggers (`migrations/`): a program with a fault, or a person with
a database client, cannot make somebody who has a letter into somebody who has not.
"""

from enum import StrEnum

__all__ = [
    "BATCH_CHANGES",
    "DISPATCH_CHANGES",
    "RECIPIENT_CHANGES",
    "Basis",
    "DispatchState",
    "State",
    "SubscriberState",
]


class SubscriberState(StrEnum):
    """Where a subscriber stands. Only `subscribed` is written to."""

    PENDING = "pending"
    """Asked to subscribe, and has not confirmed yet."""
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Basis(StrEnum):
    """Why somebody may be written to (GDPR, article 6.1)."""

    CONSENT = "consent"
    """6.1.a."""
    PUBLIC_MISSION = "public-mission"
    """6.1.e."""


class DispatchState(StrEnum):
    """Where a dispatch stands."""

    APPROVED = "approved"
    """Sealed, and not begun."""
    VOID = "void"
    """Something changed before it began, or another approval took its place."""
    RUNNING = "running"
    """Begun; a sender is at work on it, or was stopped."""
    PAUSED = "paused"
    FINISHED = "finished"
    """Nobody is pending."""
    CANCELLED = "cancelled"


class State(StrEnum):
    """Where one recipient of a dispatch stands; a batch speaks for those who have no state of their own."""

    PENDING = "pending"
    SENDING = "sending"
    """In flight: the intent is written down, the answer is not."""
    ACCEPTED = "accepted"
    EXCLUDED = "excluded"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


DISPATCH_CHANGES = {
    DispatchState.APPROVED: (DispatchState.RUNNING, DispatchState.VOID, DispatchState.CANCELLED),
    DispatchState.RUNNING: (DispatchState.PAUSED, DispatchState.FINISHED, DispatchState.CANCELLED),
    DispatchState.PAUSED: (DispatchState.RUNNING, DispatchState.CANCELLED),
    # Refused recipients are tried again, or unknown ones sent again, when a person says so.
    DispatchState.FINISHED: (DispatchState.RUNNING,),
    DispatchState.CANCELLED: (),
    DispatchState.VOID: (),
}

BATCH_CHANGES = {
    State.PENDING: (State.SENDING, State.CANCELLED),
    State.SENDING: (State.ACCEPTED, State.PENDING, State.REFUSED, State.UNKNOWN),
    # By an event that carries our id, by a person's decision, or by an answer that came late.
    State.UNKNOWN: (State.ACCEPTED, State.REFUSED),
    State.ACCEPTED: (),
    State.REFUSED: (),
    State.CANCELLED: (),
}

RECIPIENT_CHANGES = {
    # A recipient's own state; None is "as the batch".
    None: (State.ACCEPTED, State.EXCLUDED, State.REFUSED, State.UNKNOWN, State.CANCELLED),
    State.UNKNOWN: (State.ACCEPTED, State.REFUSED, None),
    State.REFUSED: (None, State.EXCLUDED),
    State.ACCEPTED: (),
    State.EXCLUDED: (),
    State.CANCELLED: (),
}
