"""Whatever happens, in whatever order: the account adds up, nobody is lost, and nobody gets an issue twice."""

import itertools
import os
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from pvd_mailer.approve import ApprovalRequest, create_approval
from pvd_mailer.approve.approval import EmptyAudienceError
from pvd_mailer.database import open_database, schema
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import DispatchState, RecipientState, SubscriberState
from pvd_mailer.journal import ApprovalRecord, batches, count_recipients, dispatches
from pvd_mailer.journal.audience_snapshot import AudienceMember
from pvd_mailer.journal.reconciliation import resolution
from pvd_mailer.letter.letter import Letter, Placeholders
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.exclusions import suppressed_in_batch
from pvd_mailer.subscribers.queries import matching_subscribers
from pvd_mailer.subscribers.state_changes import change_state
from tests.subscribers.people import KEYS, person, settle

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LETTER = Letter("Un sujet", "", "<p>", "Texte", (), embedded=False, placeholders=Placeholders("0" * 20), lang="fr")
SEAL = ApprovalRecord(
    lang="fr",
    zone="Europe/Paris",
    sender_name="La lettre",
    sender_address="lettre@ville.test",
    reply_to=None,
    list_name="La lettre",
    list_id="lettre.ville.test",
    unsubscribe="d@ville.test",
    public_url=None,
    channel="smtp",
    channel_identity="smtp",
    rehearsal=False,
    audience="all",
    audience_digest="",
    sources={},
)
OUTCOMES = st.sampled_from([RecipientState.ACCEPTED, RecipientState.REFUSED, RecipientState.UNKNOWN])
BEGUN = (DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED)
OVER = (DispatchState.CANCELLED, DispatchState.VOID, DispatchState.FINISHED)
PEOPLE = 4
LONGER = int(os.environ.get("PVD_FUZZ", "1"))
_numbers = itertools.count()


class Sending(RuleBasedStateMachine):
    """One issue, several dispatches, one sender at a time that dies now and then.

    `reached` is what the readers' mailboxes hold: whom a channel really wrote to, whatever the journal was told.
    """

    database = None

    def __init__(self):
        super().__init__()
        self.name = f"lettre-{next(_numbers)}"
        self.dispatches = []
        self.again = set()
        self.owner = {}
        self.claims = []
        self.lost = []
        self.reached = Counter()
        self.allowed = Counter()
        self.accepted = set()
        self.told = {}

    @initialize(size=st.integers(1, 3))
    def people(self, size):
        with self.database.write() as connection:
            connection.execute(schema.subscribers.delete())
        settle(self.database, *(person(f"p{number}@{self.name}.test") for number in range(PEOPLE)))
        self.approve(again=False, size=size)

    def pick(self, data, *states):
        with self.database.read() as connection:
            fitting = [one for one in self.dispatches if dispatches.find_dispatch(connection, one).state in states]
        return data.draw(st.sampled_from(fitting)) if fitting else None

    @rule(again=st.booleans(), size=st.integers(1, 4))
    def approve(self, again, size):
        def people(connection):
            for one in matching_subscribers(connection):
                yield AudienceMember(one.ref, one.address_key, one.address, one.name)

        have = self.who_has_it()
        request = ApprovalRequest(self.name, 1, LETTER, SEAL, "Claire", size, again)
        try:
            with self.database.write() as connection:
                made = create_approval(connection, request, people, KEYS, "another", NOW)
        except EmptyAudienceError:
            return
        self.dispatches.append(made.dispatch.id)
        if again:
            self.again.add(made.dispatch.id)
            return
        with self.database.read() as connection:
            rows = self.rows(connection, made.dispatch.id).values()
        assert not have & {address for address, state in rows if state is RecipientState.PENDING}

    def who_has_it(self):
        """Or may have it, or is about to get it: by a dispatch that has begun, whatever its kind."""
        with self.database.read() as connection:
            return {
                address
                for one in self.dispatches
                if dispatches.find_dispatch(connection, one).state is not DispatchState.APPROVED
                for address, state in self.rows(connection, one).values()
                if state
                in {RecipientState.PENDING, RecipientState.SENDING, RecipientState.ACCEPTED, RecipientState.UNKNOWN}
                and address
            }

    @rule(data=st.data(), owner=st.sampled_from("ab"))
    def begin(self, data, owner):
        """A sender starts; it has the lock, so that whatever was in flight is lost."""
        one = self.pick(
            data, DispatchState.APPROVED, DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED
        )
        if one is None:
            return
        self.kill()
        with self.database.write() as connection:
            batches.mark_in_flight_unknown(connection, "killed", NOW)
            assert dispatches.take_over_dispatch(connection, one, owner, NOW)
        self.owner = {one: owner}

    @rule(data=st.data(), owner=st.sampled_from("ab"), wholes=st.lists(OUTCOMES, min_size=2, max_size=5))
    def send(self, data, owner, wholes):
        """A send from its start to its end, as most are."""
        self.begin(data, owner)
        for outcome in wholes:
            self.claim(data)
            if self.claims:
                self.settle_whole(self.claims.pop(), outcome, retryable=True, arrived=False)
        if self.owner:
            (one,) = self.owner
            with self.database.write() as connection:
                dispatches.mark_finished(connection, one, NOW)

    @rule()
    def kill(self):
        """The sender dies, and may have written to those it had in hand; or not."""
        self.lost += self.claims
        self.claims = []
        self.owner = {}

    @rule(data=st.data())
    def claim(self, data):
        """The sender takes the next batch; if there is none, one starts."""
        if not self.owner:
            self.begin(data, "a")
        if not self.owner:
            return
        ((one, owner),) = self.owner.items()
        with self.database.write() as connection:
            claimed = batches.claim_batch(connection, one, owner, NOW)
            if claimed is None:
                return
            gone = suppressed_in_batch(connection, claimed.batch_id)
            batches.exclude_recipients(connection, one, gone, NOW)
            members = batches.batch_recipients(connection, claimed.batch_id)
            subscribed = {person.address for person in matching_subscribers(connection)}
            if not members:
                batches.settle_batch(connection, claimed, RecipientState.ACCEPTED, NOW)
                return
        assert {member.address for member in members} <= subscribed
        self.claims.append((claimed, members))

    def really_leave(self, dispatch_id, members):
        for member in members:
            self.reached[member.address] += 1
            if dispatch_id in self.again:
                self.allowed[member.address] += 1

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=OUTCOMES, retryable=st.booleans(), arrived=st.booleans())
    def answer(self, data, outcome, retryable, arrived):
        """The channel tells of a whole batch."""
        claim = self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))
        self.settle_whole(claim, outcome, retryable=retryable, arrived=arrived)

    def settle_whole(self, claim, outcome, *, retryable, arrived):
        claimed, members = claim
        if outcome is RecipientState.ACCEPTED or (outcome is RecipientState.UNKNOWN and arrived):
            self.really_leave(claimed.dispatch_id, members)
        with self.database.write() as connection:
            assert batches.settle_batch(connection, claimed, outcome, NOW, cause="x", retryable=retryable)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def answer_each(self, data):
        """The channel tells of some recipients, and the rest did not leave, or was lost on the way."""
        claimed, members = self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))
        told = data.draw(st.lists(OUTCOMES, max_size=len(members)))
        rest = data.draw(st.sampled_from([RecipientState.PENDING, RecipientState.UNKNOWN]))
        with self.database.write() as connection:
            for member, outcome in zip(members, told, strict=False):
                assert batches.settle_recipient(
                    connection, claimed, member.position, outcome, NOW, cause="x", retryable=data.draw(st.booleans())
                )
                if outcome is RecipientState.ACCEPTED:
                    self.really_leave(claimed.dispatch_id, [member])
            if rest is RecipientState.PENDING:
                assert batches.requeue_batch(connection, claimed, None, cause="x", reason="")
                dispatches.release_if_cancelled(connection, claimed.dispatch_id)
            else:
                assert batches.settle_batch(connection, claimed, RecipientState.UNKNOWN, NOW, cause="x")

    @precondition(lambda self: self.lost)
    @rule(data=st.data(), outcome=st.sampled_from([RecipientState.ACCEPTED, RecipientState.REFUSED]))
    def answer_late(self, data, outcome):
        """A sender that was taken for dead has an answer after all; it tells the truth."""
        claimed, members = self.lost.pop(data.draw(st.integers(0, len(self.lost) - 1)))
        with self.database.write() as connection:
            settled = batches.settle_batch(connection, claimed, outcome, NOW)
        if settled and outcome is RecipientState.ACCEPTED:
            with self.database.read() as connection:
                still = {
                    row.position
                    for row in connection.execute(
                        select(schema.recipients).where(
                            schema.recipients.c.batch_id == claimed.batch_id, schema.recipients.c.state.is_(None)
                        )
                    )
                }
            self.really_leave(claimed.dispatch_id, [one for one in members if one.position in still])

    @rule(data=st.data(), act=st.sampled_from(["pause", "cancel", "finish"]))
    def order(self, data, act):
        one = self.pick(data, *DispatchState)
        if one is None:
            return
        with self.database.write() as connection:
            if act == "pause":
                dispatches.mark_paused(connection, one, "by hand", NOW)
            elif act == "cancel":
                dispatches.mark_cancelled(connection, one, NOW)
            else:
                dispatches.mark_finished(connection, one, NOW)

    @rule(data=st.data(), act=st.sampled_from(["retry", "accepted", "resend"]))
    def decide(self, data, act):
        """A person decides; that takes the sender's lock, so that no sender lives. What they say is true."""
        one = self.pick(
            data, DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED, DispatchState.CANCELLED
        )
        if one is None:
            return
        self.kill()
        with self.database.write() as connection:
            batches.mark_in_flight_unknown(connection, "killed", NOW)
            dispatch = dispatches.find_dispatch(connection, one)
            if act == "retry" and dispatch.state is not DispatchState.CANCELLED:
                resolution.make_refused_pending(connection, dispatch, NOW)
            elif act == "accepted":
                resolution.mark_unknown_accepted(connection, one, NOW)
            elif act == "resend":
                for address, state in self.rows(connection, one).values():
                    # Sent again on a person's word: that much more than once is theirs.
                    if state is RecipientState.UNKNOWN:
                        self.allowed[address] += 1
                resolution.make_unknown_pending(connection, dispatch, NOW)

    @rule(number=st.integers(0, 2 * PEOPLE), how=st.sampled_from(["unsubscribed", "bounced", "forgotten"]))
    def leave(self, number, how):
        """One of few: some stay to the end."""
        if number > 1:
            self.join(number)
            return
        address = f"p{number}@{self.name}.test"
        if how == "forgotten":
            erase_person(self.database, address, KEYS, NOW)
            return
        with self.database.write() as connection:
            change_state(connection, address, SubscriberState(how), NOW, "a form")

    def join(self, number):
        with self.database.read() as connection:
            there = {one.address_key for one in matching_subscribers(connection, states=list(SubscriberState))}
        if f"p{number}@{self.name}.test" not in there:
            settle(self.database, person(f"p{number}@{self.name}.test"))

    @staticmethod
    def rows(connection, dispatch_id):
        found = connection.execute(
            select(schema.recipients, schema.batches.c.state.label("shared"))
            .select_from(
                schema.recipients.outerjoin(schema.batches, schema.recipients.c.batch_id == schema.batches.c.id)
            )
            .where(schema.recipients.c.dispatch_id == dispatch_id)
        )
        return {row.position: (row.address, RecipientState(row.state or row.shared)) for row in found}

    @invariant()
    def accounts_add_up(self):
        with self.database.read() as connection:
            for one in self.dispatches:
                rows = self.rows(connection, one)
                told = count_recipients(connection, one)
                assert told.states == Counter(state for _address, state in rows.values())
                assert sum(told.states.values()) == told.audience == self.told.setdefault(one, told.audience)

    @invariant()
    def nobody_who_has_it_is_said_not_to(self):
        with self.database.read() as connection:
            now = {
                (one, position)
                for one in self.dispatches
                for position, (_address, state) in self.rows(connection, one).items()
                if state is RecipientState.ACCEPTED
            }
        assert self.accepted <= now
        self.accepted = now

    @invariant()
    def nobody_has_it_twice(self):
        for address, count in self.reached.items():
            assert count - self.allowed[address] <= 1, address

    @invariant()
    def nobody_is_stranded(self):
        """Who is pending is of a dispatch that can be sent."""
        with self.database.read() as connection:
            for one in self.dispatches:
                if dispatches.find_dispatch(connection, one).state in OVER:
                    states = {state for _address, state in self.rows(connection, one).values()}
                    assert RecipientState.PENDING not in states


@pytest.fixture(scope="module")
def prepared():
    """A SQLite file whose tables are made."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "prepared.sqlite"
        database = open_database(None, file)
        prepare_database(database)
        database.close()
        yield file


def test_whatever_happens_on_sqlite(prepared, tmp_path):
    file = tmp_path / "pvd.sqlite"
    shutil.copy(prepared, file)
    database = open_database(None, file)
    made = type("OnSQLite", (Sending,), {"database": database})
    try:
        run_state_machine_as_test(made, settings=settings(max_examples=50 * LONGER, stateful_step_count=30))
    finally:
        database.close()


def test_whatever_happens_on_postgresql(postgresql):
    url = postgresql.fresh("prepared")
    database = open_database(url, Path())
    made = type("OnPostgreSQL", (Sending,), {"database": database})
    try:
        run_state_machine_as_test(made, settings=settings(max_examples=15 * LONGER, stateful_step_count=25))
    finally:
        database.close()
        postgresql.drop(url)
