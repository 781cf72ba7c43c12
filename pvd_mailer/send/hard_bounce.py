"""A definite no to an address, said while the letter is being handed over: it counts like mail that came back."""

from datetime import datetime

from pvd_mailer.database import Connection
from pvd_mailer.database.states import EventKind, RecipientState, SubscriberState
from pvd_mailer.journal import batches, events
from pvd_mailer.journal.batches import Claim
from pvd_mailer.journal.events import DeliveryEvent, RecipientKey
from pvd_mailer.letter.enhanced_status import is_hard_status
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause
from pvd_mailer.subscribers import bounces
from pvd_mailer.subscribers.bounces import Suppression
from pvd_mailer.subscribers.mutations import lock_subscribers

__all__ = ["is_hard_bounce", "settle_hard_bounce"]

SEND_SOURCE = "send"


def is_hard_bounce(result: DeliveryResult) -> bool:
    """Whether the far side said that there is no such mailbox, and not merely that it will not have the letter."""
    return (
        result.outcome is DeliveryOutcome.REFUSED
        and result.cause is FailureCause.ADDRESS
        and is_hard_status(result.status)
    )


def settle_hard_bounce(
    connection: Connection, claim: Claim, position: int, result: DeliveryResult, now: datetime
) -> None:
    """Write down the refusal, its event, and that nothing is sent there again."""
    lock_subscribers(connection)  # before any row is locked: `forget` takes it first, too
    is_settled = batches.settle_recipient(
        connection, claim, position, RecipientState.REFUSED, now, cause=result.cause or "", reason=result.reason
    )
    if not is_settled:
        return
    recipient = RecipientKey(claim.dispatch_id, position)
    ref = events.existing_recipients(connection, [recipient]).get(recipient)
    summaries = bounces.find_summaries(connection, {ref} if ref else set(), ())
    subscriber = summaries[0] if summaries else None
    event = DeliveryEvent(
        source=SEND_SOURCE,
        key=f"{EventKind.BOUNCED}:{recipient.dispatch_id}.{position}:{SEND_SOURCE}",
        kind=EventKind.BOUNCED,
        at=now,
        recipient=recipient,
        status=result.status,
        reason=result.reason,
    )
    events.write_events(
        connection, [(event, subscriber.ref if subscriber else None, subscriber.domain if subscriber else "")], now
    )
    if subscriber:
        bounces.apply_suppressions(
            connection, [Suppression(subscriber, SubscriberState.BOUNCED, SEND_SOURCE, result.reason)], now
        )
