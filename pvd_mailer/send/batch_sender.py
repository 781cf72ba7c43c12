"""One batch: claimed, handed to the channel, settled by what it said. What is promised of a send is kept here.

The intent is committed before the channel is called, and each outcome before the next is asked for
(`batch_outcomes`). So whoever is killed between two lines of these files leaves a batch in `sending`, and the next
sender calls it unknown.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pvd_mailer import clock
from pvd_mailer.database import Database, DatabaseError
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal import batches
from pvd_mailer.journal.batches import BatchRecipient, Claim
from pvd_mailer.journal.dispatches import Dispatch
from pvd_mailer.journal.queries.open_batches import has_pending_batch
from pvd_mailer.journal.reconciliation import from_events
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import with_canonical_domain
from pvd_mailer.send.batch_outcomes import BatchOutcomes
from pvd_mailer.send.channels import (
    DeliveryOutcome,
    DeliveryResult,
    FailureCause,
    Recipient,
    SendRequest,
    Session,
)
from pvd_mailer.send.journal_retry import retry_write
from pvd_mailer.send.rate_limit import MAX_PROVIDER_WAIT, RateLimiter
from pvd_mailer.send.sender_identity import sender_identity
from pvd_mailer.send.sent_file_recorder import SentFileRecorder
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.subscribers.exclusions import suppressed_in_batch

__all__ = ["BatchResult", "BatchSender"]


@dataclass(slots=True)
class BatchResult:
    """What became of one batch.

    Attributes:
        counts: Recipients by state; those who went back to pending are not in it.
        result: The channel's last word, where it had one for the batch or stopped.
    """

    counts: Counter[RecipientState] = field(default_factory=Counter)
    result: DeliveryResult | None = None


class BatchSender:
    """Takes batches of one dispatch to a channel, for one sender; several threads may use it at once."""

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch,
        letter: Letter,
        owner: str,
        keys: KeyRing,
        rate_limiter: RateLimiter,
        *,
        recorder: SentFileRecorder,
    ) -> None:
        self.database = database
        self.dispatch = dispatch
        self.letter = letter
        self.owner = owner
        self.rate_limiter = rate_limiter
        self.recorder = recorder
        self.sender = sender_identity(dispatch.approval, dispatch.publication, dispatch.number)
        self.keys = keys
        self.links = UnsubscribeLinks(keys, dispatch.approval.public_url)
        with database.read() as connection:  # nobody can decide so while a sender is at work
            self.has_been_resent = from_events.has_been_resent(connection, dispatch.id)

    def send_next_batch(self, session: Session) -> BatchResult | None:
        """Take the next batch, if one is due, through `session`; None where none is.

        Raises:
            DatabaseError: the journal cannot be written; a batch may be left in `sending`.
            OSError: and whatever else the recorder raises; the batch did not leave, and is pending again.
        """
        with self.rate_limiter.lock():
            if self.rate_limiter.per_minute and not self._has_pending():
                return None  # rather than wait for a turn that nobody needs
            if not self.rate_limiter.wait():
                return None
            claimed = self._claim_batch()
            if claimed is None:
                return None
            claim, recipients, batch_result = claimed
            self.rate_limiter.consume(len(recipients))
        if not recipients:
            return batch_result
        delivery = BatchOutcomes(
            self.database, claim, recipients, batch_result.counts, is_rehearsal=self.dispatch.approval.rehearsal
        )
        if self.rate_limiter.is_paused:  # a 429 came in since
            remaining_wait = self.rate_limiter.remaining_pause
            until = clock.now() + remaining_wait if remaining_wait else None
            throttled = DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED)
            retry_write(lambda: delivery.requeue(until, throttled))
            return batch_result
        self._send(delivery, session, batch_result)
        return batch_result

    def _has_pending(self) -> bool:
        with self.database.read() as connection:
            return has_pending_batch(connection, self.dispatch.id)

    def _claim_batch(self) -> tuple[Claim, list[BatchRecipient], BatchResult] | None:
        with self.database.write(autocommit=True) as connection:
            claim = batches.claim_batch(connection, self.dispatch.id, self.owner, clock.now())
        if claim is None:
            return None
        self.recorder.request(claim.number)
        batch_result = BatchResult()
        # Apart from the claim: lanes may read at the same time, and write one after the other only.
        return claim, retry_write(lambda: self._sendable_recipients(claim, batch_result)), batch_result

    def _sendable_recipients(self, claim: Claim, batch_result: BatchResult) -> list[BatchRecipient]:
        """Whom the batch is for, less those who may not be written to any more, or have the letter after all."""
        if self.has_been_resent:
            with self.database.write() as connection:
                batch_result.counts[RecipientState.ACCEPTED] += from_events.reconcile_claimed_batch(
                    connection, claim.batch_id, clock.now()
                )
        # In this order: whoever leaves or is forgotten between the two is left out, and nobody's address is blank.
        with self.database.read(autocommit=True) as connection:
            recipients = batches.batch_recipients(connection, claim.batch_id)
            suppressed = suppressed_in_batch(connection, claim.batch_id)
        if suppressed:
            recipients = [recipient for recipient in recipients if recipient.position not in suppressed]
        if suppressed or not recipients:
            now = clock.now()
            with self.database.write() as connection:
                batches.exclude_recipients(connection, self.dispatch.id, suppressed, now)
                if not recipients:
                    batches.settle_batch(connection, claim, RecipientState.ACCEPTED, now)
            batch_result.counts[RecipientState.EXCLUDED] += len(suppressed)
        return self._within_rate(recipients)

    def _within_rate(self, recipients: list[BatchRecipient]) -> list[BatchRecipient]:
        """The first of them; a batch leaves at once, and one larger than a minute's share would break the rate."""
        limit = self.rate_limiter.per_minute
        if not limit or len(recipients) <= limit:
            return recipients
        later = [recipient.position for recipient in recipients[limit:]]
        with self.database.write() as connection:
            batches.move_to_new_batches(connection, self.dispatch.id, later, limit)
        return recipients[:limit]

    def _send(self, delivery: BatchOutcomes, session: Session, batch_result: BatchResult) -> None:
        request = self._request(delivery)
        if not retry_write(delivery.is_ours):
            return  # this process was taken for dead: whoever took over has called them unknown, and nothing leaves
        self._wait_for_sent_file(delivery)
        if self._record_results(delivery, request, session, batch_result):
            last = batch_result.result or DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR)
            retry_write(lambda: delivery.end(last, self._retry_at))

    def _request(self, delivery: BatchOutcomes) -> SendRequest:
        return SendRequest(
            delivery.claim.call_id,
            self.letter,
            self.sender,
            clock.now().replace(microsecond=0),
            tuple(
                Recipient(
                    ref,
                    with_canonical_domain(recipient.address, recipient.address_key),
                    recipient.name,
                    self.links.one_click_url(recipient.subscriber_ref),
                )
                for ref, recipient in delivery.recipients.items()
            ),
            self.keys.message_tag,
        )

    @staticmethod
    def _record_results(
        delivery: BatchOutcomes, request: SendRequest, session: Session, batch_result: BatchResult
    ) -> bool:
        """Call the channel, and write down each word before the next is asked for; whether the batch has yet to end."""
        try:
            for ref, result in session.send(request):
                batch_result.result = result
                if not delivery.record(ref, result):
                    return False
                if ref is None:
                    break
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of a channel must not cost anybody's place in the journal
            batch_result.result = DeliveryResult(
                DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, type(error).__name__, is_fatal=True
            )
        return True

    def _wait_for_sent_file(self, delivery: BatchOutcomes) -> None:
        try:
            self.recorder.wait(delivery.claim.number)
        except Exception:
            not_written = DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.DISK)
            retry_write(lambda: delivery.requeue(None, not_written))
            raise

    def _retry_at(self, result: DeliveryResult) -> datetime | None:
        """When the channel may be called again; a wait that it asked for holds every lane at once."""
        if result.retry_at is None:
            return None
        now = clock.now()
        wait = min(max(result.retry_at.astimezone(UTC) - now, timedelta(0)), MAX_PROVIDER_WAIT)
        self.rate_limiter.pause_for(wait)
        return now + wait
