"""One batch: claimed, handed to the channel, settled by what it said. What is promised of a send is kept here.

The intent is committed before the channel is called, and each outcome before the next is asked for. So whoever is
killed between two lines of this file leaves a batch in `sending`, and the next sender calls it unknown.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, TypeVar

from pvd_mailer import clock
from pvd_mailer.database import Database, DatabaseError
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal import ApprovalRecord, batches, dispatches
from pvd_mailer.journal.batches import BatchRecipient, Claim
from pvd_mailer.journal.dispatches import Dispatch
from pvd_mailer.journal.reconciliation import from_events
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import with_canonical_domain
from pvd_mailer.letter.mime import feedback_id
from pvd_mailer.send.channels import (
    DeliveryOutcome,
    DeliveryResult,
    FailureCause,
    Recipient,
    SenderIdentity,
    SendRequest,
    Session,
)
from pvd_mailer.send.hard_bounce import is_hard_bounce, settle_hard_bounce
from pvd_mailer.send.rate_limit import MAX_PROVIDER_WAIT, RateLimiter
from pvd_mailer.send.recorder import SentFileRecorder
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks, unsubscribe_mailto
from pvd_mailer.subscribers.suppression import suppressed_in_batch

__all__ = ["BatchResult", "BatchSender", "sender_identity"]

_STATE_OF_OUTCOME = {
    DeliveryOutcome.ACCEPTED: RecipientState.ACCEPTED,
    DeliveryOutcome.REFUSED: RecipientState.REFUSED,
    DeliveryOutcome.UNKNOWN: RecipientState.UNKNOWN,
}
WRITE_ATTEMPTS = 5
_T = TypeVar("_T")


@dataclass(slots=True)
class BatchResult:
    """What became of one batch.

    Attributes:
        counts: Recipients by state; those who went back to pending are not in it.
        result: The channel's last word, where it had one for the batch or stopped.
    """

    counts: Counter[RecipientState] = field(default_factory=Counter)
    result: DeliveryResult | None = None


def sender_identity(
    approval: ApprovalRecord, publication: str, number: int, kind: Literal["letter", "test"] = "letter"
) -> SenderIdentity:
    """Who issue `number` of `publication` comes from, as it was sealed."""
    return SenderIdentity(
        name=approval.sender_name,
        address=approval.sender_address,
        reply_to=approval.reply_to,
        list_name=approval.list_name,
        list_id=approval.list_id,
        unsubscribe_mailto=unsubscribe_mailto(approval.unsubscribe, approval.list_id),
        feedback_id=feedback_id(str(number), publication, kind, approval.sender_address),
    )


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
            claim, batch_recipients, batch_result = claimed
            self.rate_limiter.consume(len(batch_recipients))
        if not batch_recipients:
            return batch_result
        if self.rate_limiter.is_paused:  # a 429 came in since
            remaining_wait = self.rate_limiter.remaining_pause
            until = clock.now() + remaining_wait if remaining_wait else None
            self._retry_write(
                lambda: self._requeue(claim, until, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED))
            )
            return batch_result
        self._send(claim, batch_recipients, session, batch_result)
        return batch_result

    def _has_pending(self) -> bool:
        with self.database.read() as connection:
            return batches.has_pending_batch(connection, self.dispatch.id)

    def _claim_batch(self) -> tuple[Claim, list[BatchRecipient], BatchResult] | None:
        with self.database.write() as connection:
            claim = batches.claim_batch(connection, self.dispatch.id, self.owner, clock.now())
        if claim is None:
            return None
        self.recorder.request(claim.number)
        batch_result = BatchResult()
        # Apart from the claim: lanes may read at the same time, and write one after the other only.
        return claim, self._retry_write(lambda: self._sendable_recipients(claim, batch_result)), batch_result

    def _sendable_recipients(self, claim: Claim, batch_result: BatchResult) -> list[BatchRecipient]:
        """Whom the batch is for, less those who may not be written to any more, or have the letter after all."""
        if self.has_been_resent:
            with self.database.write() as connection:
                batch_result.counts[RecipientState.ACCEPTED] += from_events.reconcile_claimed_batch(
                    connection, claim.batch_id, clock.now()
                )
        with self.database.read() as connection:
            suppressed = suppressed_in_batch(connection, claim.batch_id)
            batch_recipients = batches.batch_recipients(connection, claim.batch_id)
        if suppressed:
            batch_recipients = [recipient for recipient in batch_recipients if recipient.position not in suppressed]
        if suppressed or not batch_recipients:
            now = clock.now()
            with self.database.write() as connection:
                batches.exclude_recipients(connection, self.dispatch.id, suppressed, now)
                if not batch_recipients:
                    batches.settle_batch(connection, claim, RecipientState.ACCEPTED, now)
            batch_result.counts[RecipientState.EXCLUDED] += len(suppressed)
        limit = self.rate_limiter.per_minute
        if (
            limit and len(batch_recipients) > limit
        ):  # a batch leaves at once: one larger than a minute's share would break the rate
            with self.database.write() as connection:
                batches.move_to_new_batches(
                    connection, self.dispatch.id, [recipient.position for recipient in batch_recipients[limit:]], limit
                )
            batch_recipients = batch_recipients[:limit]
        return batch_recipients

    def _send(
        self, claim: Claim, batch_recipients: list[BatchRecipient], session: Session, batch_result: BatchResult
    ) -> None:
        unsettled = {f"{self.dispatch.id}.{recipient.position}": recipient.position for recipient in batch_recipients}
        request = SendRequest(
            claim.call_id,
            self.letter,
            self.sender,
            clock.now().replace(microsecond=0),
            tuple(
                Recipient(
                    ref,
                    with_canonical_domain(recipient.address, recipient.address_key),
                    recipient.name,
                    self.links.one_click_url(recipient.subscriber_ref),
                    self.keys.message_tag(ref),
                )
                for ref, recipient in zip(unsettled, batch_recipients, strict=True)
            ),
        )
        if not self._retry_write(lambda: self._is_still_claimed(claim)):
            return  # this process was taken for dead: whoever took over has called them unknown, and nothing leaves
        not_sent_refs: set[str] = set()
        self._wait_for_sent_file(claim)
        try:
            for ref, result in session.send(request):
                batch_result.result = result
                refs = unsettled.keys() - not_sent_refs if ref is None else {ref} & unsettled.keys()
                if result.outcome is DeliveryOutcome.NOT_SENT:
                    not_sent_refs |= refs
                elif ref is None and not not_sent_refs:
                    self._retry_write(partial(self._settle_batch, claim, result, len(unsettled), batch_result))
                    return
                else:
                    for settled_ref in sorted(refs, key=unsettled.__getitem__):
                        position = unsettled[settled_ref]
                        is_ours = self._retry_write(partial(self._settle_recipient, claim, position, result))
                        del unsettled[
                            settled_ref
                        ]  # only now: of whom nothing could be written down, nobody can be sure
                        batch_result.counts[_STATE_OF_OUTCOME[result.outcome]] += 1
                        if not is_ours:  # as above, between two messages
                            return
                if ref is None:
                    break
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of a channel must not cost anybody's place in the journal
            batch_result.result = DeliveryResult(
                DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, type(error).__name__, is_fatal=True
            )
        self._retry_write(lambda: self._settle_rest(claim, unsettled, not_sent_refs, batch_result))

    def _wait_for_sent_file(self, claim: Claim) -> None:
        try:
            self.recorder.wait(claim.number)
        except Exception:
            self._retry_write(
                lambda: self._requeue(claim, None, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.DISK))
            )
            raise

    def _settle_rest(
        self, claim: Claim, unsettled: dict[str, int], not_sent_refs: set[str], batch_result: BatchResult
    ) -> None:
        """The channel has said all it had to say, and not of the whole batch at once."""
        last = batch_result.result or DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR)
        unmentioned = [position for ref, position in unsettled.items() if ref not in not_sent_refs]
        unclear = DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, last.reason)
        if not_sent_refs:
            for position in unmentioned:
                self._settle_recipient(claim, position, unclear)
            self._requeue(claim, self._retry_at(last), last)
            batch_result.counts[RecipientState.UNKNOWN] += len(unmentioned)
        else:
            self._settle_batch(
                claim,
                unclear if unmentioned else DeliveryResult(DeliveryOutcome.ACCEPTED),
                len(unmentioned),
                batch_result,
            )

    def _settle_batch(self, claim: Claim, result: DeliveryResult, count: int, batch_result: BatchResult) -> None:
        state = _STATE_OF_OUTCOME[result.outcome]
        with self.database.write() as connection:
            batches.settle_batch(
                connection,
                claim,
                state,
                clock.now(),
                cause=result.cause or "",
                reason=result.reason,
                retryable=result.retryable,
            )
        batch_result.counts[state] += count

    def _is_still_claimed(self, claim: Claim) -> bool:
        with self.database.read() as connection:
            return batches.is_in_flight(connection, claim)

    def _settle_recipient(self, claim: Claim, position: int, result: DeliveryResult) -> bool:
        """Write down what became of one recipient; whether the batch is ours still."""
        with self.database.write() as connection:
            if is_hard_bounce(result) and not self.dispatch.approval.rehearsal:
                settle_hard_bounce(connection, claim, position, result, clock.now())
            else:
                batches.settle_recipient(
                    connection,
                    claim,
                    position,
                    _STATE_OF_OUTCOME[result.outcome],
                    clock.now(),
                    cause=result.cause or "",
                    reason=result.reason,
                    retryable=result.retryable,
                )
            return batches.is_in_flight(connection, claim)

    def _requeue(self, claim: Claim, until: datetime | None, result: DeliveryResult) -> None:
        with self.database.write() as connection:
            batches.requeue_batch(connection, claim, until, cause=result.cause or "", reason=result.reason)
            dispatches.release_if_cancelled(connection, claim.dispatch_id)
            if until:
                dispatches.set_not_before(connection, claim.dispatch_id, until)

    def _retry_at(self, result: DeliveryResult) -> datetime | None:
        """When the channel may be called again; a wait that it asked for holds every lane at once."""
        if result.retry_at is None:
            return None
        now = clock.now()
        wait = min(max(result.retry_at.astimezone(UTC) - now, timedelta(0)), MAX_PROVIDER_WAIT)
        self.rate_limiter.pause_for(wait)
        return now + wait

    def _retry_write(self, write: Callable[[], _T]) -> _T:
        """An answer is in hand: a journal that cannot be written for a moment is not a reason to lose it."""
        for attempt in range(1, WRITE_ATTEMPTS):
            try:
                return write()
            except DatabaseError:
                time.sleep(0.2 * 2**attempt)
        return write()
