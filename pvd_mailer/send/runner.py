"""Who runs the batches, and when: lanes of one process that holds the sender's lock.

The journal guarantees; this only calls `Courier.deliver` until nobody is pending, somebody says stop, or going on
makes no sense.
"""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial

from pvd_mailer import clock
from pvd_mailer.database import Database
from pvd_mailer.database.lock import SenderLock
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, language, set_language
from pvd_mailer.journal import DispatchTotals, batches, blob_store, count_recipients, dispatches
from pvd_mailer.journal.dispatches import Dispatch
from pvd_mailer.journal.queries.open_batches import has_open_batch, remaining_wait
from pvd_mailer.journal.reconciliation import from_events
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.bundle import unpack_letter
from pvd_mailer.send.batch_sender import BatchResult, BatchSender
from pvd_mailer.send.channels import Channel, DeliveryOutcome, DeliveryResult, FailureCause, Session
from pvd_mailer.send.rate_limit import RateLimiter
from pvd_mailer.send.sent_file_recorder import SentFileRecorder

__all__ = ["DispatchTakenOverError", "SendRun", "load_approved_letter", "run_dispatch"]

LOCK_LOST = "lock-lost"
"""Why a dispatch is paused whose sender can no longer be sure that it is the only one."""
MAX_CONSECUTIVE_UNKNOWNS = 3
"""So many unknown batches in a row, and the dispatch pauses: each one costs a person a decision."""
_REMAINING_STATES = (RecipientState.PENDING, RecipientState.SENDING)
MAX_CONSECUTIVE_FAILURES = 8
"""So many failures in a row of which nothing left, and the dispatch pauses."""
IDLE_SECONDS = 0.2
"""Seconds after which a lane with nothing to do looks again, whatever it heard: a person may change the journal."""
INTERRUPT_GRACE = 2.0
"""Seconds that calls in flight have to end by themselves when somebody interrupts a send."""


class DispatchTakenOverError(PvdError):
    """This sender was taken for dead, and the dispatch is another's now, or nobody's."""

    def __init__(self, dispatch_id: str) -> None:
        super().__init__(
            _(
                "this send of dispatch {id} was cut off from the database or suspended, and was taken for dead:"
                " the dispatch is not its own any more, and it has stopped"
            ).format(id=dispatch_id),
            _(
                "It handed nothing over since; answers that came late were written down. `pvd-mailer status {id}` shows"
                " how far the dispatch is, and whether another send is at work on it."
            ).format(id=dispatch_id),
        )


@dataclass(slots=True)
class SendRun:
    """A send as it goes on, for whoever looks at it.

    Attributes:
        initial_totals: As it was when the run began.
        counts: What this run has added, by state.
        lost_count: Batches that an earlier sender had left in flight.
        pause_reason: Why it paused by itself; empty if it did not.
    """

    dispatch: Dispatch
    initial_totals: DispatchTotals
    lost_count: int = 0
    counts: Counter[RecipientState] = field(default_factory=Counter)
    pause_reason: str = ""
    began: float = field(default_factory=time.monotonic)
    rate_limiter: RateLimiter = field(default_factory=RateLimiter)

    interrupted_at: float | None = None

    @property
    def states(self) -> Counter[RecipientState]:
        """How many recipients stand where by now; who is in flight counts as pending."""
        # By each state: the lanes count on meanwhile, and a counter that grows cannot be read from end to end.
        current = Counter({state: self.initial_totals.states[state] + self.counts[state] for state in RecipientState})
        current[RecipientState.PENDING] = self.initial_totals.audience - sum(
            current[state] for state in RecipientState if state not in _REMAINING_STATES
        )
        return current

    def stop(self) -> None:
        """Finish the calls in flight, and begin no other."""
        self.rate_limiter.stopped.set()

    def interrupt(self) -> None:
        """Begin no other call, and cut those in flight that have not ended by themselves in a moment."""
        if self.interrupted_at is None:
            self.interrupted_at = time.monotonic()
        self.stop()

    @property
    def is_overdue(self) -> bool:
        """Whether calls that are still in flight are to be cut."""
        return self.interrupted_at is not None and time.monotonic() - self.interrupted_at > INTERRUPT_GRACE


def load_approved_letter(database: Database, dispatch: Dispatch) -> Letter:
    """The letter that was approved, from its stored bytes; each is checked against its digest.

    Raises:
        DatabaseError: the bytes are not those that were approved.
    """
    with database.read() as connection:
        return unpack_letter(
            blob_store.get_blob(connection, dispatch.letter), lambda digest: blob_store.get_blob(connection, digest)
        )


def run_dispatch(
    database: Database,
    dispatch_id: str,
    channel: Channel,
    keys: KeyRing,
    lock: SenderLock,
    *,
    record_calls: Callable[[SendRun, int], None],
    rate: int | None = None,
    on_progress: Callable[[SendRun], None] = lambda _run: None,
) -> SendRun:
    """Send what is pending of a dispatch, until it is done, paused, cancelled or told to stop.

    Args:
        database: Of audience and journal.
        dispatch_id: Which dispatch; begun here if it was only approved.
        channel: The one that was approved.
        keys: What readers' links are signed with.
        lock: Held until this returns: no other sender lives.
        record_calls: Notes, out of the database's reach, that so many calls of the dispatch may have left, before they
            do. From a thread of its own, but for the first time.
        rate: At most so many messages a minute.
        on_progress: Called from this thread before the first message leaves, about four times a second, and at the end.

    Raises:
        TakenOverError: this sender was taken for dead on the way.
        WrongUsageError: the dispatch cannot be sent any more.
        DatabaseError: the journal cannot be written; what was in flight is unknown.
        OSError: and whatever else `record_calls` raises; what it did not write down has not left.
    """
    owner = secrets.token_hex(8)
    with database.read() as connection:
        approved = dispatches.find_dispatch(connection, dispatch_id)
    letter = load_approved_letter(database, approved)  # first: what cannot be read is not begun either
    now = clock.now()
    with database.write() as connection:
        # While we hold the lock no other sender lives: what is in flight is nobody's any more.
        lost_counts = batches.mark_in_flight_unknown(connection, FailureCause.KILLED, now)
        from_events.reconcile_dispatches(connection, {dispatch_id, *lost_counts}, now)
        if not dispatches.take_over_dispatch(connection, dispatch_id, owner, now):
            raise WrongUsageError(
                _("dispatch {id} cannot be sent: it was called off, or its approval is void").format(id=dispatch_id),
                _("Approve the letter again: `pvd-mailer approve`."),
            )
        dispatch = dispatches.find_dispatch(connection, dispatch_id)
        run = SendRun(
            dispatch,
            count_recipients(connection, dispatch_id),
            lost_counts[dispatch_id],
            rate_limiter=RateLimiter(rate),
        )
        run.rate_limiter.pause_for(remaining_wait(connection, dispatch_id, now))
    on_progress(run)
    record_calls(run, dispatch.calls)
    with SentFileRecorder(partial(record_calls, run)) as recorder:
        batch_sender = BatchSender(database, dispatch, letter, owner, keys, run.rate_limiter, recorder=recorder)
        _Workers(batch_sender, channel, run, lock.is_held).run_all(on_progress)
    with database.write() as connection:
        # A provider may tell of a call before its answer was missed.
        from_events.reconcile_dispatches(connection, {dispatch_id}, clock.now())
        if run.pause_reason:
            dispatches.mark_paused(connection, dispatch_id, run.pause_reason, clock.now(), only_of=owner)
        else:
            dispatches.mark_finished(connection, dispatch_id, clock.now(), only_of=owner)
        is_mine = dispatches.find_dispatch(connection, dispatch_id).owner == owner
    if not is_mine:
        raise DispatchTakenOverError(dispatch_id)
    return run


class _Workers:
    """The threads of a run."""

    def __init__(self, batch_sender: BatchSender, channel: Channel, run: SendRun, is_held: Callable[[], bool]) -> None:
        self.batch_sender = batch_sender
        self.channel = channel
        self.run = run
        self.is_held = is_held
        self._lock = threading.Lock()
        self._idle = threading.Condition()
        self._busy_count = 0
        self._wake_count = 0
        self._failures = 0
        self._unknowns = 0
        self._throttles = 0
        self._language = language()
        self._sessions: list[Session] = []

    def run_all(self, on_progress: Callable[[SendRun], None]) -> None:
        """Run the lanes to their end, and raise what one of them could not cope with."""
        with ThreadPoolExecutor(self.channel.concurrency, thread_name_prefix="lane") as pool:
            futures = [pool.submit(self._work_lane) for _number in range(self.channel.concurrency)]
            try:
                while wait(futures, timeout=0.25).not_done:
                    on_progress(self.run)
                    if self.run.is_overdue:
                        for session in list(self._sessions):
                            session.abort()
                    if any(future.done() and future.exception() for future in futures):
                        self.run.stop()
                    if not self.is_held():
                        self._pause(LOCK_LOST)
            finally:
                self.run.stop()
        on_progress(self.run)
        for future in futures:
            future.result()

    def _work_lane(self) -> None:
        set_language(self._language)  # a thread starts without the language of the one that started it
        with self.channel.session() as session:
            self._sessions.append(session)
            while not self.run.rate_limiter.stopped.is_set():
                wake_count = self._wake_count  # before the look at the journal: what changes after it is not missed
                if self._send_next_batch(session) is None:
                    if not self._is_more_to_come():
                        self._wake_idle()
                        return
                    self._wait_idle(wake_count)

    def _send_next_batch(self, session: Session) -> BatchResult | None:
        """Send a batch, and wake the idle lanes where one may be pending again, or none is in flight any more.

        A batch that was accepted while others are in flight has nothing for an idle lane, which would ask in vain.
        """
        batch_result = None
        with self._idle:
            self._busy_count += 1
        try:
            batch_result = self.batch_sender.send_next_batch(session)
            if batch_result is not None:
                self._record_result(batch_result)
        finally:
            with self._idle:
                self._busy_count -= 1
                is_last = self._busy_count == 0
        if batch_result is not None:
            result = batch_result.result
            if is_last or result is None or result.outcome is not DeliveryOutcome.ACCEPTED:
                self._wake_idle()
        return batch_result

    def _wait_idle(self, wake_count: int) -> None:
        """Wait until another lane wakes the idle ones, unless one has since `wake_count`; not for long."""
        with self._idle:
            if self._wake_count == wake_count:
                self._idle.wait(IDLE_SECONDS)

    def _wake_idle(self) -> None:
        with self._idle:
            self._wake_count += 1
            self._idle.notify_all()

    def _is_more_to_come(self) -> bool:
        """Whether a batch may become due: one waits for its moment, or another lane may give one back."""
        with self.batch_sender.database.read() as connection:
            dispatch = dispatches.find_dispatch(connection, self.batch_sender.dispatch.id)
            is_mine = dispatch.state is DispatchState.RUNNING and dispatch.owner == self.batch_sender.owner
            return is_mine and has_open_batch(connection, dispatch.id)

    def _record_result(self, batch_result: BatchResult) -> None:
        with self._lock:
            self.run.counts.update(batch_result.counts)
            result = batch_result.result
            if result is None or result.cause is FailureCause.INTERRUPTED:
                return
            if result.cause is FailureCause.THROTTLED and not result.is_fatal:
                # One that does not say how long, or says it by a clock that is not ours, is not asked again at once.
                self._throttles += 1
                if not self.run.rate_limiter.is_paused:
                    self.run.rate_limiter.back_off(self._throttles)
                return
            self._throttles = 0
            if result.outcome is DeliveryOutcome.ACCEPTED or result.cause in {FailureCause.ADDRESS, FailureCause.BUSY}:
                self._failures = self._unknowns = 0
                return
            self._failures += 1
            self._unknowns += result.outcome is DeliveryOutcome.UNKNOWN
            if (
                result.is_fatal
                or self._failures >= MAX_CONSECUTIVE_FAILURES
                or self._unknowns >= MAX_CONSECUTIVE_UNKNOWNS
            ):
                self._pause(_pause_reason(result))
            else:
                self.run.rate_limiter.back_off(self._failures)

    def _pause(self, reason: str) -> None:
        self.run.pause_reason = self.run.pause_reason or reason
        self.run.stop()


def _pause_reason(result: DeliveryResult) -> str:
    """What a paused dispatch says of itself: the cause, and the provider's words."""
    return f"{result.cause}: {result.reason}" if result.reason else str(result.cause or result.outcome)
