"""The states of subscribers, dispatches, batches and recipients, and the changes that are allowed.

The same tables are written into the database as triggers (`migrations/`): a program with a fault, or a person with
a database client, cannot make somebody who has a letter into somebody who has not.
"""

from enum import StrEnum

__all__ = [
    "BATCH_TRANSITIONS",
    "DISPATCH_TRANSITIONS",
    "RECIPIENT_TRANSITIONS",
    "DispatchState",
    "EventKind",
    "LegalBasis",
    "RecipientState",
    "RequestKind",
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


class LegalBasis(StrEnum):
    """Why somebody may be written to (GDPR, article 6.1)."""

    CONSENT = "consent"
    """6.1.a."""
    PUBLIC_MISSION = "public-mission"
    """6.1.e."""
    NONE = "none"
    """Nothing: they are known for their opposition alone, and were never written to from here."""


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

    @property
    def is_closed(self) -> bool:
        """Whether nothing of it leaves any more."""
        return not DISPATCH_TRANSITIONS[self]


class RecipientState(StrEnum):
    """Where one recipient of a dispatch stands; a batch speaks for those who have no state of their own."""

    PENDING = "pending"
    SENDING = "sending"
    """In flight: the intent is written down, the answer is not."""
    ACCEPTED = "accepted"
    EXCLUDED = "excluded"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What became of a message after the channel took it, or what its reader did; opens and clicks are not kept."""

    PROCESSED = "processed"
    """The provider has it, and will try."""
    DELIVERED = "delivered"
    """The reader's server took it."""
    DEFERRED = "deferred"
    """Not now; the provider goes on trying."""
    BOUNCED = "bounced"
    """Refused for good: there is no such mailbox."""
    BLOCKED = "blocked"
    """Refused for now or for a reason that is not the address: a full mailbox, a policy. Soft."""
    DROPPED = "dropped"
    """The provider did not try: it has the address on a list of its own, or something against the message."""
    COMPLAINED = "complained"
    """The reader called it spam."""
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"
    """The reader undid it, at once."""


class RequestKind(StrEnum):
    """What somebody asks for at the readers' site that a mail has to confirm."""

    SUBSCRIBE = "subscribe"
    PREFERENCES = "preferences"
    """A link to the page with what is held on them."""


DISPATCH_TRANSITIONS = {
    DispatchState.APPROVED: (DispatchState.RUNNING, DispatchState.VOID, DispatchState.CANCELLED),
    DispatchState.RUNNING: (DispatchState.PAUSED, DispatchState.FINISHED, DispatchState.CANCELLED),
    DispatchState.PAUSED: (DispatchState.RUNNING, DispatchState.CANCELLED),
    # Refused recipients are tried again, or unknown ones sent again, when a person says so.
    DispatchState.FINISHED: (DispatchState.RUNNING,),
    DispatchState.CANCELLED: (),
    DispatchState.VOID: (),
}

BATCH_TRANSITIONS = {
    RecipientState.PENDING: (RecipientState.SENDING, RecipientState.CANCELLED),
    RecipientState.SENDING: (
        RecipientState.ACCEPTED,
        RecipientState.PENDING,
        RecipientState.REFUSED,
        RecipientState.UNKNOWN,
    ),
    # By an event that carries our id, by a person's decision, or by an answer that came late.
    RecipientState.UNKNOWN: (RecipientState.ACCEPTED, RecipientState.REFUSED),
    RecipientState.ACCEPTED: (),
    RecipientState.REFUSED: (),
    RecipientState.CANCELLED: (),
}

RECIPIENT_TRANSITIONS = {
    # A recipient's own state; None is "as the batch".
    None: (
        RecipientState.ACCEPTED,
        RecipientState.EXCLUDED,
        RecipientState.REFUSED,
        RecipientState.UNKNOWN,
        RecipientState.CANCELLED,
    ),
    RecipientState.UNKNOWN: (RecipientState.ACCEPTED, RecipientState.REFUSED, None),
    RecipientState.REFUSED: (None, RecipientState.EXCLUDED),
    RecipientState.ACCEPTED: (),
    RecipientState.EXCLUDED: (),
    RecipientState.CANCELLED: (),
}
