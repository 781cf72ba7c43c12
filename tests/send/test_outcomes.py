"""What a channel says, and what becomes of it: each recipient in one state, with its cause."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from pvd_mailer import clock
from pvd_mailer.database import schema
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import batches, dispatches
from pvd_mailer.journal.reconciliation import resolution
from pvd_mailer.send import rate_limit, runner
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult, FailureCause
from tests.send.line import effective, leave, readers
from tests.send.scripted import (
    ACCEPTED,
    BAD_ADDRESS,
    BUSY,
    LOGIN,
    REFUSED,
    UNKNOWN,
    UNREACHABLE,
    Scripted,
    members,
    throttled,
)

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch):
    """A back-off of next to nothing."""
    monkeypatch.setattr("pvd_mailer.send.rate_limit.FIRST_BACKOFF", 0.01)
    monkeypatch.setattr("pvd_mailer.send.rate_limit.MAX_BACKOFF", 0.02)


def send(mailing, *script, **more):
    channel = Scripted(*script, **more)
    one = mailing.approve(channel)
    run = mailing.send(one, channel)
    return one, channel, run


def soon(seconds=0.4):
    return datetime.now(UTC) + timedelta(seconds=seconds)


def reasons(mailing, dispatch_id):
    return {(state, cause): count for (state, cause, _), count in mailing.account(dispatch_id).reasons.items()}


# 429


def test_who_is_asked_to_wait_waits_and_nobody_is_lost(mailing):
    until = []

    def wait(_consignment):
        until.append(soon())
        return [(None, throttled(until[0]))]

    one, channel, _run = send(mailing, wait)
    assert mailing.account(one).is_complete
    assert len(channel.calls) == 3
    assert channel.calls[0].call_id != channel.calls[1].call_id
    assert clock.now() >= until[0]
    assert mailing.find(one).not_before is not None


def test_a_new_process_heeds_the_wait_too(mailing):
    channel = Scripted()
    one = mailing.approve(channel)
    until = soon(0.7)
    channel.script.append(throttled(until))
    seen = []

    def stop_when_asked(run):
        seen.append(run.rate_limiter.is_paused)
        if channel.calls:
            run.stop()

    mailing.send(one, channel, watch=stop_when_asked)
    assert mailing.states(one) == {RecipientState.PENDING: 4}
    assert mailing.find(one).state is DispatchState.RUNNING
    held = []
    mailing.send(one, channel, watch=lambda run: held.append((clock.now() < until, run.rate_limiter.is_paused)))
    assert all(is_held for early, is_held in held if early)
    assert mailing.account(one).is_complete
    assert clock.now() >= until


def test_all_lanes_wait_together(mailing):
    mailing.join(*readers(20, start=10))
    one, channel, _run = send(mailing, throttled(soon(0.3)), concurrency=4)
    assert mailing.account(one).is_complete
    # Whoever had claimed a batch meanwhile gave it back before the call.
    assert len(channel.calls) <= 12 + 1 + 3


def test_a_wait_without_an_end_is_not_asked_again_at_once(mailing, monkeypatch):
    pauses = []
    back_off = runner.RateLimiter.back_off
    monkeypatch.setattr(runner.RateLimiter, "back_off", lambda self, n: pauses.append(n) or back_off(self, n))
    one, _channel, _run = send(mailing, throttled(), throttled(datetime(2020, 1, 1, tzinfo=UTC)), throttled())
    assert mailing.account(one).is_complete
    assert pauses == [1, 2, 3]


def test_a_wait_of_years_is_one_of_an_hour_at_most(mailing):
    channel = Scripted(throttled(datetime(2999, 1, 1, tzinfo=UTC)))
    one = mailing.approve(channel)
    mailing.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    assert mailing.find(one).not_before <= clock.now() + timedelta(hours=1)
    assert mailing.states(one) == {RecipientState.PENDING: 4}


def test_a_clock_that_is_set_back_strands_no_batch(mailing, monkeypatch):
    channel = Scripted(throttled(datetime(2999, 1, 1, tzinfo=UTC)))
    one = mailing.approve(channel)
    mailing.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    then = clock.now()
    monkeypatch.setattr(clock, "now", lambda: then - timedelta(days=400))
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def noting(waits):
    """Note how long the provider asked to wait, and go away rather than wait for forty minutes."""

    def watch(run):
        waits.append(run.rate_limiter.remaining_pause)
        if len(waits) > 80:
            run.stop()

    return watch


def test_a_clock_that_is_set_back_in_the_middle_makes_nobody_wait_longer(mailing, monkeypatch):
    """Asked to wait for a moment; then somebody sets the clock back by forty minutes, while the send runs."""
    channel = Scripted()
    before = clock.now

    def wait(_consignment):
        until = before() + timedelta(seconds=0.5)
        yield None, throttled(until)
        monkeypatch.setattr(clock, "now", lambda: before() - timedelta(minutes=40))

    channel.script.append(wait)
    one = mailing.approve(channel)
    waits = []
    mailing.send(one, channel, watch=noting(waits))
    assert mailing.account(one).is_complete
    assert max(waits) < timedelta(seconds=1)


def test_a_clock_that_is_set_back_between_two_processes_makes_nobody_wait_for_it(mailing, monkeypatch):
    """Nobody knows how long ago the provider asked: it is asked again, and says so if that is too soon."""
    channel = Scripted(throttled(soon(60)))
    one = mailing.approve(channel)
    mailing.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() - timedelta(minutes=40))
    channel.script.append(lambda _consignment: [(None, throttled(clock.now() + timedelta(seconds=0.3)))])
    waits = []
    mailing.send(one, channel, watch=noting(waits))
    assert waits[0] == timedelta(0)
    assert timedelta(0) < max(waits) < timedelta(seconds=1)
    assert mailing.account(one).is_complete


def test_a_clock_that_is_set_forward_makes_nobody_wait(mailing, monkeypatch):
    channel = Scripted(throttled(soon(60)))
    one = mailing.approve(channel)
    mailing.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() + timedelta(minutes=40))
    mailing.send(one, channel)
    assert mailing.account(one).is_complete


def test_a_wait_that_is_on_is_told_by_status(mailing_commands, run):
    channel = Scripted(throttled(soon(1800)))
    one = mailing_commands.approve(channel)
    mailing_commands.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    assert "the provider asked to be left alone until 20" in run("status").out


def test_a_wait_is_told_with_its_end_where_there_is_no_terminal(mailing_commands, run, monkeypatch):
    channel = Scripted(lambda _consignment: [(None, throttled(soon(7)))])
    one = mailing_commands.approve(channel)
    monkeypatch.setattr("pvd_mailer.cli.context.CliContext.channel", lambda *_arguments: channel)
    ran = run("send", "1")
    assert ran.code == 0
    assert re.search(r"The provider asks to wait: nothing leaves before \d\d:\d\d:\d\d \(less than 1 min\)\.", ran.err)
    assert ran.err.count("asks to wait") == 1
    assert mailing_commands.account(one).is_complete


# What pauses


def test_a_refused_login_pauses_says_why_and_loses_nobody(mailing_commands, run):
    one, channel, _run = send(mailing_commands, ACCEPTED, LOGIN)
    assert len(channel.calls) == 2
    assert mailing_commands.find(one).state is DispatchState.PAUSED
    assert mailing_commands.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 2}
    told = run("status", one)
    assert "the key or the password is not accepted: authorization required" in told.out
    assert run("send", "1").code == 2
    assert run("send", "1", "--retry-refused").code == 2
    mailing_commands.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY
    assert mailing_commands.find(one).paused_why == ""


@pytest.mark.parametrize(
    ("result", "most"), [(UNKNOWN, runner.MAX_CONSECUTIVE_UNKNOWNS), (UNREACHABLE, runner.MAX_CONSECUTIVE_FAILURES)]
)
def test_a_run_of_failures_pauses(mailing, result, most):
    mailing.join(*readers(30, start=10))
    one, channel, _run = send(mailing, *[result] * 30)
    assert len(channel.calls) == most
    assert mailing.find(one).state is DispatchState.PAUSED
    assert str(result.cause) in mailing.find(one).paused_why
    unknown = 2 * most if result is UNKNOWN else 0
    assert mailing.states(one).get(RecipientState.UNKNOWN, 0) == unknown
    assert mailing.account(one).audience == 34


def test_failures_apart_from_each_other_do_not_pause(mailing):
    mailing.join(*readers(30, start=10))
    one, _channel, _run = send(mailing, *[UNKNOWN, UNREACHABLE, ACCEPTED] * 5)
    assert mailing.find(one).state is DispatchState.FINISHED
    assert mailing.states(one) == {RecipientState.ACCEPTED: 24, RecipientState.UNKNOWN: 10}


def test_a_letter_that_is_refused_again_and_again_pauses(mailing):
    mailing.join(*readers(30, start=10))
    one, _channel, _run = send(mailing, *[REFUSED] * 30)
    assert mailing.find(one).state is DispatchState.PAUSED
    assert mailing.states(one)[RecipientState.REFUSED] == 2 * runner.MAX_CONSECUTIVE_FAILURES


def test_addresses_that_are_refused_pause_nothing(mailing):
    mailing.join(*readers(30, start=10))
    one, _channel, _run = send(mailing, *[members(BAD_ADDRESS, BUSY)] * 17)
    assert mailing.find(one).state is DispatchState.FINISHED
    assert mailing.states(one) == {RecipientState.REFUSED: 34}
    assert mailing.account(one).retryable == 17


# Odd channels


@pytest.mark.parametrize(
    "cause", [FailureCause.SERVER_FAULT, FailureCause.NO_ANSWER, FailureCause.CUT, FailureCause.UNCLEAR]
)
def test_an_unknown_keeps_its_cause_and_is_never_tried_again_by_itself(mailing, cause):
    one, channel, _run = send(mailing, DeliveryResult(DeliveryOutcome.UNKNOWN, cause, "some words"))
    for _ in range(2):
        mailing.send(one, channel)
    assert reasons(mailing, one) == {(RecipientState.UNKNOWN, str(cause)): 2}
    assert len(channel.calls) == 2


def test_a_channel_that_raises_leaves_an_unknown_and_pauses(mailing):
    one, channel, _run = send(mailing, RuntimeError("a fault with lecteur0@ville.test in it"))
    assert mailing.states(one) == {RecipientState.UNKNOWN: 2, RecipientState.PENDING: 2}
    assert mailing.find(one).state is DispatchState.PAUSED
    assert "lecteur0" not in mailing.find(one).paused_why
    assert "RuntimeError" in mailing.find(one).paused_why
    assert len(channel.calls) == 1


def test_a_channel_that_raises_midway_leaves_what_it_told(mailing):
    def midway(consignment):
        yield consignment.recipients[0].ref, ACCEPTED
        yield consignment.recipients[1].ref, BUSY
        yield consignment.recipients[2].ref, UNREACHABLE
        raise OSError

    one, _channel, _run = send(mailing, midway, batch_size=4)
    assert effective(mailing.database, one) == dict(
        zip(
            EVERYBODY,
            (RecipientState.ACCEPTED, RecipientState.REFUSED, RecipientState.PENDING, RecipientState.UNKNOWN),
            strict=True,
        )
    )


def test_a_channel_that_tells_of_nobody_leaves_unknowns(mailing):
    one, _channel, _run = send(mailing, lambda _: [], batch_size=4)
    assert reasons(mailing, one) == {(RecipientState.UNKNOWN, "unclear"): 4}


def test_of_two_words_on_one_recipient_the_first_counts(mailing):
    def twice(consignment):
        first, second = consignment.recipients
        return [(first.ref, ACCEPTED), (first.ref, REFUSED), (second.ref, BUSY), (second.ref, ACCEPTED)]

    one, _channel, _run = send(mailing, twice)
    states = effective(mailing.database, one)
    assert (states[EVERYBODY[0]], states[EVERYBODY[1]]) == (RecipientState.ACCEPTED, RecipientState.REFUSED)


def test_who_was_said_not_sent_and_then_accepted_is_not_sent_to_again(mailing):
    def changed_its_mind(consignment):
        first, second = consignment.recipients
        return [(first.ref, UNREACHABLE), (first.ref, ACCEPTED), (second.ref, UNREACHABLE)]

    one, channel, _run = send(mailing, changed_its_mind)
    assert mailing.account(one).is_complete
    assert [len(call.recipients) for call in channel.calls] == [2, 1, 2]


@pytest.mark.parametrize("stranger", ["somebody", "", "001-000000.0"])
def test_words_on_strangers_are_of_no_consequence(mailing, stranger):
    one, channel, _run = send(mailing, lambda _: [(stranger, ACCEPTED), (None, REFUSED)])
    assert mailing.states(one) == {RecipientState.REFUSED: 2, RecipientState.ACCEPTED: 2}
    assert len(channel.reached) == 2


@pytest.mark.parametrize(
    ("rest", "state"),
    [(ACCEPTED, RecipientState.ACCEPTED), (REFUSED, RecipientState.REFUSED), (UNKNOWN, RecipientState.UNKNOWN)],
)
def test_who_was_said_not_sent_goes_back_whatever_becomes_of_the_rest(mailing, rest, state):
    def partly(consignment):
        return [(consignment.recipients[1].ref, UNREACHABLE), (None, rest)]

    one, channel, _run = send(mailing, partly, batch_size=4)
    wanted = dict.fromkeys(EVERYBODY, state) | {EVERYBODY[1]: RecipientState.ACCEPTED}
    assert effective(mailing.database, one) == wanted
    assert channel.reached.count(EVERYBODY[1]) == 1
    assert [len(call.recipients) for call in channel.calls] == [4, 1]


def test_each_of_a_batch_has_its_own_outcome_and_reason(mailing):
    one, _channel, _run = send(mailing, members(ACCEPTED, BUSY, BAD_ADDRESS, UNKNOWN), batch_size=4)
    assert dict(mailing.account(one).reasons) == {
        (RecipientState.REFUSED, "busy", "the mailbox is full"): 1,
        (RecipientState.REFUSED, "address", "user unknown"): 1,
        (RecipientState.UNKNOWN, "server-fault", "internal error"): 1,
    }
    assert mailing.account(one).retryable == 1


def test_who_is_left_out_is_not_given_the_reason_of_the_batch(mailing):
    channel = Scripted(UNKNOWN, batch_size=4)
    one = mailing.approve(channel)
    leave(mailing.database, EVERYBODY[2])
    mailing.send(one, channel)
    assert dict(mailing.account(one).reasons) == {
        (RecipientState.EXCLUDED, "unsubscribed", ""): 1,
        (RecipientState.UNKNOWN, "server-fault", "internal error"): 3,
    }


# Late answers


def lost(mailing):
    """A claim whose sender is taken for dead: its batch is unknown."""
    channel = Scripted(batch_size=4)
    one = mailing.approve(channel)
    now = clock.now()
    with mailing.database.write() as connection:
        assert dispatches.take_over_dispatch(connection, one, "frozen", now)
        claimed = batches.claim_batch(connection, one, "frozen", now)
    mailing.send(one, channel)
    assert channel.calls == []
    assert reasons(mailing, one) == {(RecipientState.UNKNOWN, "killed"): 4}
    return one, channel, claimed


def late(mailing, claimed, state=RecipientState.ACCEPTED, **changed):
    with mailing.database.write() as connection:
        return batches.settle_batch(connection, batches.Claim(**as_dict(claimed) | changed), state, clock.now())


def as_dict(claimed):
    return {name: getattr(claimed, name) for name in claimed.__slots__}


def test_a_late_answer_settles_what_was_unknown(mailing):
    one, _channel, claimed = lost(mailing)
    assert not late(mailing, claimed, owner="another")
    assert not late(mailing, claimed, attempt=claimed.attempt + 1)
    assert late(mailing, claimed)
    assert mailing.account(one).is_complete
    assert not late(mailing, claimed, RecipientState.REFUSED)


def test_a_late_answer_on_one_recipient_settles_that_one(mailing):
    one, _channel, claimed = lost(mailing)
    with mailing.database.write() as connection:
        assert batches.settle_recipient(connection, claimed, 1, RecipientState.ACCEPTED, clock.now())
        assert not batches.settle_recipient(connection, claimed, 1, RecipientState.REFUSED, clock.now())
    assert mailing.states(one) == {RecipientState.ACCEPTED: 1, RecipientState.UNKNOWN: 3}


def test_a_late_word_that_nothing_left_makes_nobody_pending(mailing):
    one, _channel, claimed = lost(mailing)
    with mailing.database.write() as connection:
        assert not batches.requeue_batch(connection, claimed, None, cause="unreachable", reason="")
    assert mailing.states(one) == {RecipientState.UNKNOWN: 4}


@pytest.mark.parametrize("answer", [RecipientState.ACCEPTED, RecipientState.REFUSED])
def test_a_late_answer_changes_nothing_after_a_person_has_decided(mailing, answer):
    one, channel, claimed = lost(mailing)
    with mailing.database.write() as connection:
        assert resolution.make_unknown_pending(connection, mailing.find(one), clock.now()) == 4
        assert not batches.settle_recipient(connection, claimed, 0, answer, clock.now())
    late(mailing, claimed, answer)
    assert mailing.states(one) == {RecipientState.PENDING: 4}
    mailing.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_a_frozen_sender_that_wakes_up_can_claim_nothing(mailing):
    channel = Scripted(LOGIN)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    with mailing.database.write() as connection:
        assert dispatches.take_over_dispatch(connection, one, "old", clock.now())
        assert dispatches.take_over_dispatch(connection, one, "new", clock.now())
        assert batches.claim_batch(connection, one, "old", clock.now()) is None
        assert batches.claim_batch(connection, one, "new", clock.now()) is not None


def test_what_cannot_be_written_down_by_itself_is_unknown_and_not_accepted(mailing, monkeypatch):
    """A journal that takes one outcome for a fault does not let the recipient slip through with the batch."""
    settle_member = batches.settle_recipient
    broken = []

    def once_broken(connection, claimed, position, *rest, **more):
        if position == 1 and not broken:
            broken.append(position)
            connection.execute(update(schema.dispatches).values(state="nothing"))
        return settle_member(connection, claimed, position, *rest, **more)

    monkeypatch.setattr(batches, "settle_recipient", once_broken)
    one, _channel, _run = send(mailing, members(ACCEPTED, REFUSED, ACCEPTED, ACCEPTED), batch_size=4)
    states = effective(mailing.database, one)
    assert (states[EVERYBODY[0]], states[EVERYBODY[1]]) == (RecipientState.ACCEPTED, RecipientState.UNKNOWN)


def test_a_rate_is_kept_with_everybody_counted(mailing):
    mailing.join(*readers(8, start=10))
    channel = Scripted(concurrency=3)
    one = mailing.approve(channel)
    began = runner.time.monotonic()
    mailing.send(one, channel, rate=1200)
    # Twelve messages at twenty a second; the first two leave at once.
    assert runner.time.monotonic() - began >= 10 / 20
    assert mailing.account(one).is_complete


def test_a_batch_is_never_larger_than_a_minutes_share(issue_workspace, mailing, run, on_database):
    del on_database
    (issue_workspace.root / "pvd-mailer.toml").write_text("rate = 3\n", "utf-8")
    run("approve", "1", "--audience", "all", "--by", "Claire")
    with mailing.database.read() as connection:
        assert len(connection.execute(schema.batches.select()).all()) == 2


def test_a_batch_larger_than_the_rate_is_divided_and_nobody_of_it_is_lost(mailing):
    channel = Scripted(batch_size=4)
    one = mailing.approve(channel)
    mailing.send(one, channel, rate=3, watch=lambda run: run.stop() if run.counts else None)
    assert [len(call.recipients) for call in channel.calls] == [3]
    assert mailing.states(one) == {RecipientState.ACCEPTED: 3, RecipientState.PENDING: 1}
    mailing.send(one, channel)
    assert [len(call.recipients) for call in channel.calls] == [3, 1]
    assert mailing.account(one).is_complete
    assert len(set(channel.reached)) == 4


def test_once_nobody_is_left_no_turn_is_waited_for(mailing, monkeypatch):
    channel = Scripted(batch_size=4)
    one = mailing.approve(channel)
    waited = []
    wait = rate_limit.RateLimiter.wait
    monkeypatch.setattr(rate_limit.RateLimiter, "wait", lambda self: waited.append(1) or wait(self))
    mailing.send(one, channel, rate=4)  # another turn would come in a minute
    assert len(waited) == 1
    assert mailing.account(one).is_complete
