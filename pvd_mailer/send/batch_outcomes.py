"""A claimed batch on its way through a channel: where each recipient stands, and each change written down at once.

A recipient leaves `in flight` once, by one of these transitions; docs/architecture.md draws them with the journal's
own states::

    pending --claim_batch--> in flight --settle_recipient, settle_batch--> accepted | refused | unknown
       ^                        |
       +--------requeue-- not sent <--hold_back

The order is the guarantee: a transition is committed before it counts here, and before the channel is asked for the
next result. Of whom nothing could be committed, the journal says `sending`, and whoever sends next calls them unknown.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from pvd_mailer import clock
from pvd_mailer.database import Database
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal import batches, dispatches
from pvd_mailer.journal.batches import BatchRecipient, Claim
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause
from pvd_mailer.send.hard_bounce import is_hard_bounce, settle_hard_bounce
from pvd_mailer.send.journal_retry import retry_write

__all__ = ["BatchOutcomes"]

_STATE_OF_OUTCOME = {
    DeliveryOutcome.ACCEPTED: RecipientState.ACCEPTED,
    DeliveryOutcome.REFUSED: RecipientState.REFUSED,
    DeliveryOutcome.UNKNOWN: RecipientState.UNKNOWN,
}


class BatchOutcomes:
    """The recipients of one claim, from before its call to when each of them is settled or pending again.

    Attributes:
        claim: The claim, by which the journal tells our writes from those of a sender that took over.
        recipients: Those in flight at the beginning, by their references; in the order of the batch.
    """

    def __init__(
        self,
        database: Database,
        claim: Claim,
        recipients: Iterable[BatchRecipient],
        counts: Counter[RecipientState],
        *,
        is_rehearsal: bool,
    ) -> None:
        """Take over a batch that was claimed.

        Args:
            database: Where the journal is.
            claim: The batch, in `sending`.
            recipients: Who of it is to get the letter.
            counts: Grows by whom a transition settles.
            is_rehearsal: Whether nothing leaves, so that a refusal says nothing of an address.
        """
        self.claim = claim
        self.recipients = {f"{claim.dispatch_id}.{recipient.position}": recipient for recipient in recipients}
        self._database = database
        self._counts = counts
        self._is_rehearsal = is_rehearsal
        self._in_flight = {ref: recipient.position for ref, recipient in self.recipients.items()}
        self._not_sent: set[str] = set()

    def is_ours(self) -> bool:
        """Whether nobody has taken this process for dead, and called its batch lost."""
        with self._database.read(autocommit=True) as connection:
            return batches.is_in_flight(connection, self.claim)

    def record(self, ref: str | None, result: DeliveryResult) -> bool:
        """Write down what the channel says of a recipient, or with None of all of whom it has said nothing yet.

        Returns:
            Whether there is more to do; not where the whole batch is settled, or is no longer ours.

        Raises:
            DatabaseError: it cannot be written.
        """
        if result.outcome is DeliveryOutcome.NOT_SENT:
            self._hold_back(self._refs_meant(ref))
            return True
        if ref is None and not self._not_sent:
            retry_write(partial(self._settle_batch, result, len(self._in_flight)))
            return False
        for settled_ref in sorted(self._refs_meant(ref), key=self._in_flight.__getitem__):
            is_ours = retry_write(partial(self._settle_recipient, self._in_flight[settled_ref], result))
            del self._in_flight[settled_ref]  # only now: of whom nothing could be written down, nobody can be sure
            self._counts[_STATE_OF_OUTCOME[result.outcome]] += 1
            if not is_ours:
                return False
        return True

    def end(self, last: DeliveryResult, retry_at: Callable[[DeliveryResult], datetime | None]) -> None:
        """Settle whom the channel left in flight, for it has said all that it had to say.

        Whoever was not sent is pending again with the batch, so all others are settled before that, one by one.

        Args:
            last: The channel's last word.
            retry_at: When a channel that said this may be called again; None for at once.

        Raises:
            DatabaseError: it cannot be written; it may be called again.
        """
        unmentioned = [position for ref, position in self._in_flight.items() if ref not in self._not_sent]
        unclear = DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, last.reason)
        if self._not_sent:
            for position in unmentioned:
                self._settle_recipient(position, unclear)
            self.requeue(retry_at(last), last)
            self._counts[RecipientState.UNKNOWN] += len(unmentioned)
        else:
            result = unclear if unmentioned else DeliveryResult(DeliveryOutcome.ACCEPTED)
            self._settle_batch(result, len(unmentioned))

    def requeue(self, retry_at: datetime | None, result: DeliveryResult) -> None:
        """Not sent -> pending: the batch, with those of it who have no state of their own; cancelled where it must be.

        Raises:
            DatabaseError: it cannot be written.
        """
        with self._database.write() as connection:
            batches.requeue_batch(connection, self.claim, retry_at, cause=result.cause or "", reason=result.reason)
            if retry_at:  # first: lanes that all shared the row would wait for one another to write to it
                dispatches.set_not_before(connection, self.claim.dispatch_id, retry_at)
            dispatches.release_if_cancelled(connection, self.claim.dispatch_id)

    def _refs_meant(self, ref: str | None) -> set[str]:
        """Whom a word of the channel is about; nobody where it tells twice of the same."""
        return self._in_flight.keys() - self._not_sent if ref is None else {ref} & self._in_flight.keys()

    def _hold_back(self, refs: set[str]) -> None:
        """In flight -> not sent. Nothing is written: the journal says `sending` until the batch ends."""
        self._not_sent |= refs

    def _settle_batch(self, result: DeliveryResult, count: int) -> None:
        """In flight -> settled, for the `count` recipients without a state of their own: the batch speaks for them."""
        state = _STATE_OF_OUTCOME[result.outcome]
        with self._database.write(autocommit=state is not RecipientState.REFUSED) as connection:
            batches.settle_batch(
                connection,
                self.claim,
                state,
                clock.now(),
                cause=result.cause or "",
                reason=result.reason,
                retryable=result.retryable,
            )
        self._counts[state] += count

    def _settle_recipient(self, position: int, result: DeliveryResult) -> bool:
        """In flight -> settled, for one recipient; whether the batch is ours still."""
        with self._database.write() as connection:
            if is_hard_bounce(result) and not self._is_rehearsal:
                settle_hard_bounce(connection, self.claim, position, result, clock.now())
            else:
                batches.settle_recipient(
                    connection,
                    self.claim,
                    position,
                    _STATE_OF_OUTCOME[result.outcome],
                    clock.now(),
                    cause=result.cause or "",
                    reason=result.reason,
                    retryable=result.retryable,
                )
            return batches.is_in_flight(connection, self.claim)
