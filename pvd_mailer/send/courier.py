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
from pvd_mailer.audience.suppression import suppressed_in
from pvd_mailer.database import Database, DatabaseError
from pvd_mailer.database.states import State
from pvd_mailer.journal import Seal, batches, dispatches, settlement
from pvd_mailer.journal.batches import Claim, Member
from pvd_mailer.journal.dispatches import Dispatch
from pvd_mailer.keys import KeyRing
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import encoded
from pvd_mailer.letter.mime import feedback_id
from pvd_mailer.send.channels import Addressee, Cause, Consignment, Outcome, Result, Sender, Session
from pvd_mailer.send.links import Links, unsubscribe_mailto
from pvd_mailer.send.pace import LONGEST_WAIT, Pace
from pvd_mailer.send.recorder import Recorder
from pvd_mailer.send.refused import is_no_such_address, settle_no_such_address

__all__ = ["Courier", "Step", "sender_from"]

_STATES = {
    Outcome.ACCEPTED: State.ACCEPTED,
    Outcome.REFUSED: State.REFUSED,
    Outcome.UNKNOWN: State.UNKNOWN,
}
WRITE_ATTEMPTS = 5
T = TypeVar("T")


@dataclass(slots=True)
class Step:
    """What became of one batch.

    Attributes:
        counts: Recipients by state; those who went back to pending are not in it.
        result: The channel's last word, where it had one for the batch or stopped.
    """

    counts: Counter[State] = field(default_factory=Counter)
    result: Result | None = None


def sender_from(seal: Seal, publication: str, number: int, kind: Literal["letter", "test"] = "letter") -> Sender:
    """Who issue `number` of `publication` comes from, as it was sealed."""
    return Sender(
        name=seal.sender_name,
        address=seal.sender_address,
        reply_to=seal.reply_to,
        list_name=seal.list_name,
        list_id=seal.list_id,
        unsubscribe_mailto=unsubscribe_mailto(seal.unsubscribe, seal.list_id),
        feedback_id=feedback_id(str(number), publication, kind, seal.sender_address),
    )


class Courier:
    """Takes batches of one dispatch to a channel, for one sender; several threads may use it at once."""

    def __init__(
        self,
        database: Database,
        dispatch: Dispatch,
        letter: Letter,
        owner: str,
        keys: KeyRing,
        pace: Pace,
        *,
        recorder: Recorder,
    ) -> None:
        self.database = database
        self.dispatch = dispatch
        self.letter = letter
        self.owner = owner
        self.pace = pace
        self.recorder = recorder
        self.sender = sender_from(dispatch.seal, dispatch.publication, dispatch.number)
        self.keys = keys
        self.links = Links(keys, dispatch.seal.public_url)
        with database.read() as connection:  # nobody can decide so while a sender is at work
            self.resent = settlement.has_been_resent(connection, dispatch.id)

    def deliver(self, session: Session) -> Step | None:
        """Take the next batch, if one is due, through `session`; None where none is.

        Raises:
            DatabaseError: the journal cannot be written; a batch may be left in `sending`.
            OSError: and whatever else the recorder raises; the batch did not leave, and is pending again.
        """
        with self.pace.turn():
            if self.pace.per_minute and not self._is_left():
                return None  # rather than wait for a turn that nobody needs
            if not self.pace.wait():
                return None
            taken = self._claim()
            if taken is None:
                return None
            claimed, people, step = taken
            self.pace.charge(len(people))
        if not people:
            return step
        if self.pace.is_held:  # a 429 came in since
            left = self.pace.asked_for
            until = clock.now() + left if left else None
            self._insist(lambda: self._give_back(claimed, until, Result(Outcome.NOT_SENT, Cause.THROTTLED)))
            return step
        self._hand_over(claimed, people, session, step)
        return step

    def _is_left(self) -> bool:
        with self.database.read() as connection:
            return batches.is_pending(connection, self.dispatch.id)

    def _claim(self) -> tuple[Claim, list[Member], Step] | None:
        with self.database.write() as connection:
            claimed = batches.claim(connection, self.dispatch.id, self.owner, clock.now())
        if claimed is None:
            return None
        self.recorder.ask(claimed.number)
        step = Step()
        # Apart from the claim: lanes may read at the same time, and write one after the other only.
        return claimed, self._insist(lambda: self._people(claimed, step)), step

    def _people(self, claimed: Claim, step: Step) -> list[Member]:
        """Whom the batch is for, less those who may not be written to any more, or have the letter after all."""
        if self.resent:
            with self.database.write() as connection:
                step.counts[State.ACCEPTED] += settlement.settle_claimed(connection, claimed.batch_id, clock.now())
        with self.database.read() as connection:
            gone = suppressed_in(connection, claimed.batch_id)
            people = batches.members(connection, claimed.batch_id)
        if gone:
            people = [one for one in people if one.position not in gone]
        if gone or not people:
            now = clock.now()
            with self.database.write() as connection:
                batches.exclude(connection, self.dispatch.id, gone, now)
                if not people:
                    batches.settle(connection, claimed, State.ACCEPTED, now)
            step.counts[State.EXCLUDED] += len(gone)
        most = self.pace.per_minute
        if most and len(people) > most:  # a batch leaves at once: one larger than a minute's share would break the rate
            with self.database.write() as connection:
                batches.new_batches(connection, self.dispatch.id, [one.position for one in people[most:]], most)
            people = people[:most]
        return people

    def _hand_over(self, claimed: Claim, people: list[Member], session: Session, step: Step) -> None:
        waiting = {f"{self.dispatch.id}.{one.position}": one.position for one in people}
        consignment = Consignment(
            claimed.call_id,
            self.letter,
            self.sender,
            clock.now().replace(microsecond=0),
            tuple(
                Addressee(
                    ref,
                    encoded(one.address, one.address_key),
                    one.name,
                    self.links.one_click(one.subscriber_ref),
                    self.keys.message_tag(ref),
                )
                for ref, one in zip(waiting, people, strict=True)
            ),
        )
        if not self._insist(lambda: self._is_ours(claimed)):
            return  # this process was taken for dead: whoever took over has called them unknown, and nothing leaves
        stays: set[str] = set()
        self._wait_for_the_record(claimed)
        try:
            for ref, result in session.deliver(consignment):
                step.result = result
                told = waiting.keys() - stays if ref is None else {ref} & waiting.keys()
                if result.outcome is Outcome.NOT_SENT:
                    stays |= told
                elif ref is None and not stays:
                    self._insist(partial(self._settle, claimed, result, len(waiting), step))
                    return
                else:
                    for one in sorted(told, key=waiting.__getitem__):
                        position = waiting[one]
                        ours = self._insist(partial(self._settle_one, claimed, position, result))
                        del waiting[one]  # only now: of whom nothing could be written down, nobody can be sure
                        step.counts[_STATES[result.outcome]] += 1
                        if not ours:  # as above, between two messages
                            return
                if ref is None:
                    break
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of a channel must not cost anybody's place in the journal
            step.result = Result(Outcome.UNKNOWN, Cause.UNCLEAR, type(error).__name__, halts=True)
        self._insist(lambda: self._end(claimed, waiting, stays, step))

    def _wait_for_the_record(self, claimed: Claim) -> None:
        try:
            self.recorder.wait(claimed.number)
        except Exception:
            self._insist(lambda: self._give_back(claimed, None, Result(Outcome.NOT_SENT, Cause.DISK)))
            raise

    def _end(self, claimed: Claim, waiting: dict[str, int], stays: set[str], step: Step) -> None:
        """The channel has said all it had to say, and not of the whole batch at once."""
        last = step.result or Result(Outcome.UNKNOWN, Cause.UNCLEAR)
        silent = [position for ref, position in waiting.items() if ref not in stays]
        lost = Result(Outcome.UNKNOWN, Cause.UNCLEAR, last.reason)
        if stays:
            for position in silent:
                self._settle_one(claimed, position, lost)
            self._give_back(claimed, self._until(last), last)
            step.counts[State.UNKNOWN] += len(silent)
        else:
            self._settle(claimed, lost if silent else Result(Outcome.ACCEPTED), len(silent), step)

    def _settle(self, claimed: Claim, result: Result, count: int, step: Step) -> None:
        state = _STATES[result.outcome]
        with self.database.write() as connection:
            batches.settle(
                connection,
                claimed,
                state,
                clock.now(),
                cause=result.cause or "",
                reason=result.reason,
                retryable=result.retryable,
            )
        step.counts[state] += count

    def _is_ours(self, claimed: Claim) -> bool:
        with self.database.read() as connection:
            return batches.is_in_flight(connection, claimed)

    def _settle_one(self, claimed: Claim, position: int, result: Result) -> bool:
        """Write down what became of one recipient; whether the batch is ours still."""
        with self.database.write() as connection:
            if is_no_such_address(result) and not self.dispatch.seal.rehearsal:
                settle_no_such_address(connection, claimed, position, result, clock.now())
            else:
                batches.settle_member(
                    connection,
                    claimed,
                    position,
                    _STATES[result.outcome],
                    clock.now(),
                    cause=result.cause or "",
                    reason=result.reason,
                    retryable=result.retryable,
                )
            return batches.is_in_flight(connection, claimed)

    def _give_back(self, claimed: Claim, until: datetime | None, result: Result) -> None:
        with self.database.write() as connection:
            batches.give_back(connection, claimed, until, cause=result.cause or "", reason=result.reason)
            dispatches.let_go_if_over(connection, claimed.dispatch_id)
            if until:
                dispatches.set_not_before(connection, claimed.dispatch_id, until)

    def _until(self, result: Result) -> datetime | None:
        """When the channel may be called again; a wait that it asked for holds every lane at once."""
        if result.wait_until is None:
            return None
        now = clock.now()
        wait = min(max(result.wait_until.astimezone(UTC) - now, timedelta(0)), LONGEST_WAIT)
        self.pace.hold(wait)
        return now + wait

    def _insist(self, write: Callable[[], T]) -> T:
        """An answer is in hand: a journal that cannot be written for a moment is not a reason to lose it."""
        for attempt in range(1, WRITE_ATTEMPTS):
            try:
                return write()
            except DatabaseError:
                time.sleep(0.2 * 2**attempt)
        return write()
