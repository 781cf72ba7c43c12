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
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, language, speak
from pvd_mailer.journal import Account, account, batches, blobs, dispatches, settlement
from pvd_mailer.journal.dispatches import Dispatch
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.sealed import open_sealed
from pvd_mailer.send.channels import Cause, Channel, Outcome, Result, Session
from pvd_mailer.send.courier import Courier, Step
from pvd_mailer.send.pace import Pace
from pvd_mailer.send.recorder import Recorder

__all__ = ["Run", "TakenOverError", "run_dispatch", "sealed_letter"]

LOCK_LOST = "lock-lost"
"""Why a dispatch is paused whose sender can no longer be sure that it is the only one."""
UNKNOWN_RUN = 3
"""So many unknown batches in a row, and the dispatch pauses: each one costs a person a decision."""
_LEFT = (State.PENDING, State.SENDING)
FAILURE_RUN = 8
"""So many failures in a row of which nothing left, and the dispatch pauses."""
GRACE = 2.0
"""Seconds that calls in flight have to end by themselves when somebody interrupts a send."""


class TakenOverError(PvdError):
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
class Run:
    """A send as it goes on, for whoever looks at it.

    Attributes:
        account: As it was when the run began.
        counts: What this run has added, by state.
        recovered: Batches that an earlier sender had left in flight.
        halted: Why it paused by itself; empty if it did not.
    """

    dispatch: Dispatch
    account: Account
    recovered: int = 0
    counts: Counter[State] = field(default_factory=Counter)
    halted: str = ""
    began: float = field(default_factory=time.monotonic)
    pace: Pace = field(default_factory=Pace)

    interrupted_at: float | None = None

    @property
    def states(self) -> Counter[State]:
        """How many recipients stand where by now; who is in flight counts as pending."""
        # By each state: the lanes count on meanwhile, and a counter that grows cannot be read from end to end.
        now = Counter({state: self.account.states[state] + self.counts[state] for state in State})
        now[State.PENDING] = self.account.audience - sum(now[state] for state in State if state not in _LEFT)
        return now

    def stop(self) -> None:
        """Finish the calls in flight, and begin no other."""
        self.pace.stopped.set()

    def interrupt(self) -> None:
        """Begin no other call, and cut those in flight that have not ended by themselves in a moment."""
        if self.interrupted_at is None:
            self.interrupted_at = time.monotonic()
        self.stop()

    @property
    def is_overdue(self) -> bool:
        """Whether calls that are still in flight are to be cut."""
        return self.interrupted_at is not None and time.monotonic() - self.interrupted_at > GRACE


def sealed_letter(database: Database, dispatch: Dispatch) -> Letter:
    """The letter that was approved, from its stored bytes; each is checked against its digest.

    Raises:
        DatabaseError: the bytes are not those that were approved.
    """
    with database.read() as connection:
        return open_sealed(blobs.get(connection, dispatch.letter), lambda digest: blobs.get(connection, digest))


def run_dispatch(
    database: Database,
    dispatch_id: str,
    channel: Channel,
    keys: KeyRing,
    lock: SenderLock,
    *,
    record: Callable[[Run, int], None],
    rate: int | None = None,
    watch: Callable[[Run], None] = lambda _run: None,
) -> Run:
    """Send what is pending of a dispatch, until it is done, paused, cancelled or told to stop.

    Args:
        database: Of audience and journal.
        dispatch_id: Which dispatch; begun here if it was only approved.
        channel: The one that was approved.
        keys: What readers' links are signed with.
        lock: Held until this returns: no other sender lives.
        record: Writes down, out of the database's reach, that so many calls of the dispatch may have left, before they
            do. From a thread of its own, but for the first time.
        rate: At most so many messages a minute.
        watch: Called from this thread before the first message leaves, about four times a second, and at the end.

    Raises:
        TakenOverError: this sender was taken for dead on the way.
        WrongUsageError: the dispatch cannot be sent any more.
        DatabaseError: the journal cannot be written; what was in flight is unknown.
        OSError: and whatever else `record` raises; what it did not write down has not left.
    """
    owner = secrets.token_hex(8)
    with database.read() as connection:
        approved = dispatches.find(connection, dispatch_id)
    letter = sealed_letter(database, approved)  # first: what cannot be read is not begun either
    now = clock.now()
    with database.write() as connection:
        # While we hold the lock no other sender lives: what is in flight is nobody's any more.
        recovered = batches.recover(connection, Cause.KILLED, now)
        settlement.settle_all(connection, {dispatch_id, *recovered}, now)
        if not dispatches.take(connection, dispatch_id, owner, now):
            raise WrongUsageError(
                _("dispatch {id} cannot be sent: it was called off, or its approval is void").format(id=dispatch_id),
                _("Approve the letter again: `pvd-mailer approve`."),
            )
        dispatch = dispatches.find(connection, dispatch_id)
        run = Run(dispatch, account(connection, dispatch_id), recovered[dispatch_id], pace=Pace(rate))
        run.pace.hold(batches.asked_wait(connection, dispatch_id, now))
    watch(run)
    record(run, dispatch.calls)
    with Recorder(partial(record, run)) as recorder:
        courier = Courier(database, dispatch, letter, owner, keys, run.pace, recorder=recorder)
        _Lanes(courier, channel, run, lock.is_held).work(watch)
    with database.write() as connection:
        # A provider may tell of a call before its answer was missed.
        settlement.settle_all(connection, {dispatch_id}, clock.now())
        if run.halted:
            dispatches.pause(connection, dispatch_id, run.halted, clock.now(), only_of=owner)
        else:
            dispatches.finish(connection, dispatch_id, clock.now(), only_of=owner)
        is_mine = dispatches.find(connection, dispatch_id).owner == owner
    if not is_mine:
        raise TakenOverError(dispatch_id)
    return run


class _Lanes:
    """The threads of a run."""

    def __init__(self, courier: Courier, channel: Channel, run: Run, is_held: Callable[[], bool]) -> None:
        self.courier = courier
        self.channel = channel
        self.run = run
        self.is_held = is_held
        self._turn = threading.Lock()
        self._failures = 0
        self._unknowns = 0
        self._throttled = 0
        self._speech = language()
        self._sessions: list[Session] = []

    def work(self, watch: Callable[[Run], None]) -> None:
        """Run the lanes to their end, and raise what one of them could not cope with."""
        with ThreadPoolExecutor(self.channel.lanes, thread_name_prefix="lane") as pool:
            lanes = [pool.submit(self._lane) for _number in range(self.channel.lanes)]
            try:
                while wait(lanes, timeout=0.25).not_done:
                    watch(self.run)
                    if self.run.is_overdue:
                        for session in list(self._sessions):
                            session.abort()
                    if any(lane.done() and lane.exception() for lane in lanes):
                        self.run.stop()
                    if not self.is_held():
                        self._halt(LOCK_LOST)
            finally:
                self.run.stop()
        watch(self.run)
        for lane in lanes:
            lane.result()

    def _lane(self) -> None:
        speak(self._speech)  # a thread starts without the language of the one that started it
        with self.channel.session() as session:
            self._sessions.append(session)
            while not self.run.pace.stopped.is_set():
                step = self.courier.deliver(session)
                if step is None:
                    if not self._is_more_to_come():
                        return
                    self.run.pace.stopped.wait(0.2)
                    continue
                self._judge(step)

    def _is_more_to_come(self) -> bool:
        """Whether a batch may become due: one waits for its moment, or another lane may give one back."""
        with self.courier.database.read() as connection:
            dispatch = dispatches.find(connection, self.courier.dispatch.id)
            mine = dispatch.state is DispatchState.RUNNING and dispatch.owner == self.courier.owner
            return mine and batches.is_open(connection, dispatch.id)

    def _judge(self, step: Step) -> None:
        with self._turn:
            self.run.counts.update(step.counts)
            result = step.result
            if result is None or result.cause is Cause.INTERRUPTED:
                return
            if result.cause is Cause.THROTTLED and not result.halts:
                # One that does not say how long, or says it by a clock that is not ours, is not asked again at once.
                self._throttled += 1
                if not self.run.pace.is_held:
                    self.run.pace.back_off(self._throttled)
                return
            self._throttled = 0
            if result.outcome is Outcome.ACCEPTED or result.cause in {Cause.ADDRESS, Cause.BUSY}:
                self._failures = self._unknowns = 0
                return
            self._failures += 1
            self._unknowns += result.outcome is Outcome.UNKNOWN
            if result.halts or self._failures >= FAILURE_RUN or self._unknowns >= UNKNOWN_RUN:
                self._halt(_why(result))
            else:
                self.run.pace.back_off(self._failures)

    def _halt(self, why: str) -> None:
        self.run.halted = self.run.halted or why
        self.run.stop()


def _why(result: Result) -> str:
    """What a paused dispatch says of itself: the cause, and the provider's words."""
    return f"{result.cause}: {result.reason}" if result.reason else str(result.cause or result.outcome)
