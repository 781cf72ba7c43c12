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
def quick(monkeypatch):
    """A back-off of next to nothing."""
    monkeypatch.setattr("pvd_mailer.send.rate_limit.FIRST_BACKOFF", 0.01)
    monkeypatch.setattr("pvd_mailer.send.rate_limit.MAX_BACKOFF", 0.02)


def send(line, *script, **more):
    channel = Scripted(*script, **more)
    one = line.approve(channel)
    run = line.send(one, channel)
    return one, channel, run


def soon(seconds=0.4):
    return datetime.now(UTC) + timedelta(seconds=seconds)


def reasons(line, dispatch_id):
    return {(state, cause): count for (state, cause, _), count in line.account(dispatch_id).reasons.items()}


# 429


def test_who_is_asked_to_wait_waits_and_nobody_is_lost(line):
    until = []

    def wait(_consignment):
        until.append(soon())
        return [(None, throttled(until[0]))]

    one, channel, _run = send(line, wait)
    assert line.account(one).is_complete
    assert len(channel.calls) == 3
    assert channel.calls[0].call_id != channel.calls[1].call_id
    assert clock.now() >= until[0]
    assert line.find(one).not_before is not None


def test_a_new_process_heeds_the_wait_too(line):
    channel = Scripted()
    one = line.approve(channel)
    until = soon(0.7)
    channel.script.append(throttled(until))
    seen = []

    def stop_when_asked(run):
        seen.append(run.rate_limiter.is_paused)
        if channel.calls:
            run.stop()

    line.send(one, channel, watch=stop_when_asked)
    assert line.states(one) == {RecipientState.PENDING: 4}
    assert line.find(one).state is DispatchState.RUNNING
    held = []
    line.send(one, channel, watch=lambda run: held.append((clock.now() < until, run.rate_limiter.is_paused)))
    assert all(is_held for early, is_held in held if early)
    assert line.account(one).is_complete
    assert clock.now() >= until


def test_all_lanes_wait_together(line):
    line.join(*readers(20, start=10))
    one, channel, _run = send(line, throttled(soon(0.3)), concurrency=4)
    assert line.account(one).is_complete
    # Whoever had claimed a batch meanwhile gave it back before the call.
    assert len(channel.calls) <= 12 + 1 + 3


def test_a_wait_without_an_end_is_not_asked_again_at_once(line, monkeypatch):
    pauses = []
    back_off = runner.RateLimiter.back_off
    monkeypatch.setattr(runner.RateLimiter, "back_off", lambda self, n: pauses.append(n) or back_off(self, n))
    one, _channel, _run = send(line, throttled(), throttled(datetime(2020, 1, 1, tzinfo=UTC)), throttled())
    assert line.account(one).is_complete
    assert pauses == [1, 2, 3]


def test_a_wait_of_years_is_one_of_an_hour_at_most(line):
    channel = Scripted(throttled(datetime(2999, 1, 1, tzinfo=UTC)))
    one = line.approve(channel)
    line.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    assert line.find(one).not_before <= clock.now() + timedelta(hours=1)
    assert line.states(one) == {RecipientState.PENDING: 4}


def test_a_clock_that_is_set_back_strands_no_batch(line, monkeypatch):
    channel = Scripted(throttled(datetime(2999, 1, 1, tzinfo=UTC)))
    one = line.approve(channel)
    line.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    then = clock.now()
    monkeypatch.setattr(clock, "now", lambda: then - timedelta(days=400))
    line.send(one, channel)
    assert line.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def noting(waits):
    """Note how long the provider asked to wait, and go away rather than wait for forty minutes."""

    def watch(run):
        waits.append(run.rate_limiter.remaining_pause)
        if len(waits) > 80:
            run.stop()

    return watch


def test_a_clock_that_is_set_back_in_the_middle_makes_nobody_wait_longer(line, monkeypatch):
    """Asked to wait for a moment; then somebody sets the clock back by forty minutes, while the send runs."""
    channel = Scripted()
    before = clock.now

    def wait(_consignment):
        until = before() + timedelta(seconds=0.5)
        yield None, throttled(until)
        monkeypatch.setattr(clock, "now", lambda: before() - timedelta(minutes=40))

    channel.script.append(wait)
    one = line.approve(channel)
    waits = []
    line.send(one, channel, watch=noting(waits))
    assert line.account(one).is_complete
    assert max(waits) < timedelta(seconds=1)


def test_a_clock_that_is_set_back_between_two_processes_makes_nobody_wait_for_it(line, monkeypatch):
    """Nobody knows how long ago the provider asked: it is asked again, and says so if that is too soon."""
    channel = Scripted(throttled(soon(60)))
    one = line.approve(channel)
    line.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() - timedelta(minutes=40))
    channel.script.append(lambda _consignment: [(None, throttled(clock.now() + timedelta(seconds=0.3)))])
    waits = []
    line.send(one, channel, watch=noting(waits))
    assert waits[0] == timedelta(0)
    assert timedelta(0) < max(waits) < timedelta(seconds=1)
    assert line.account(one).is_complete


def test_a_clock_that_is_set_forward_makes_nobody_wait(line, monkeypatch):
    channel = Scripted(throttled(soon(60)))
    one = line.approve(channel)
    line.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    before = clock.now
    monkeypatch.setattr(clock, "now", lambda: before() + timedelta(minutes=40))
    line.send(one, channel)
    assert line.account(one).is_complete


def test_a_wait_that_is_on_is_told_by_status(seated, run):
    channel = Scripted(throttled(soon(1800)))
    one = seated.approve(channel)
    seated.send(one, channel, watch=lambda run: run.stop() if channel.calls else None)
    assert "the provider asked to be left alone until 20" in run("status").out


def test_a_wait_is_told_with_its_end_where_there_is_no_terminal(seated, run, monkeypatch):
    channel = Scripted(lambda _consignment: [(None, throttled(soon(7)))])
    one = seated.approve(channel)
    monkeypatch.setattr("pvd_mailer.cli.context.CliContext.channel", lambda *_arguments: channel)
    ran = run("send", "1")
    assert ran.code == 0
    assert re.search(r"The provider asks to wait: nothing leaves before \d\d:\d\d:\d\d \(less than 1 min\)\.", ran.err)
    assert ran.err.count("asks to wait") == 1
    assert seated.account(one).is_complete


# What pauses


def test_a_refused_login_pauses_says_why_and_loses_nobody(seated, run):
    one, channel, _run = send(seated, ACCEPTED, LOGIN)
    assert len(channel.calls) == 2
    assert seated.find(one).state is DispatchState.PAUSED
    assert seated.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 2}
    told = run("status", one)
    assert "the key or the password is not accepted: authorization required" in told.out
    assert run("send", "1").code == 2
    assert run("send", "1", "--retry-refused").code == 2
    seated.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY
    assert seated.find(one).paused_why == ""


@pytest.mark.parametrize(
    ("result", "most"), [(UNKNOWN, runner.MAX_CONSECUTIVE_UNKNOWNS), (UNREACHABLE, runner.MAX_CONSECUTIVE_FAILURES)]
)
def test_a_run_of_failures_pauses(line, result, most):
    line.join(*readers(30, start=10))
    one, channel, _run = send(line, *[result] * 30)
    assert len(channel.calls) == most
    assert line.find(one).state is DispatchState.PAUSED
    assert str(result.cause) in line.find(one).paused_why
    unknown = 2 * most if result is UNKNOWN else 0
    assert line.states(one).get(RecipientState.UNKNOWN, 0) == unknown
    assert line.account(one).audience == 34


def test_failures_apart_from_each_other_do_not_pause(line):
    line.join(*readers(30, start=10))
    one, _channel, _run = send(line, *[UNKNOWN, UNREACHABLE, ACCEPTED] * 5)
    assert line.find(one).state is DispatchState.FINISHED
    assert line.states(one) == {RecipientState.ACCEPTED: 24, RecipientState.UNKNOWN: 10}


def test_a_letter_that_is_refused_again_and_again_pauses(line):
    line.join(*readers(30, start=10))
    one, _channel, _run = send(line, *[REFUSED] * 30)
    assert line.find(one).state is DispatchState.PAUSED
    assert line.states(one)[RecipientState.REFUSED] == 2 * runner.MAX_CONSECUTIVE_FAILURES


def test_addresses_that_are_refused_pause_nothing(line):
    line.join(*readers(30, start=10))
    one, _channel, _run = send(line, *[members(BAD_ADDRESS, BUSY)] * 17)
    assert line.find(one).state is DispatchState.FINISHED
    assert line.states(one) == {RecipientState.REFUSED: 34}
    assert line.account(one).retryable == 17


# Odd channels


@pytest.mark.parametrize(
    "cause", [FailureCause.SERVER_FAULT, FailureCause.NO_ANSWER, FailureCause.CUT, FailureCause.UNCLEAR]
)
def test_an_unknown_keeps_its_cause_and_is_never_tried_again_by_itself(line, cause):
    one, channel, _run = send(line, DeliveryResult(DeliveryOutcome.UNKNOWN, cause, "some words"))
    for _ in range(2):
        line.send(one, channel)
    assert reasons(line, one) == {(RecipientState.UNKNOWN, str(cause)): 2}
    assert len(channel.calls) == 2


def test_a_channel_that_raises_leaves_an_unknown_and_pauses(line):
    one, channel, _run = send(line, RuntimeError("a fault with lecteur0@ville.test in it"))
    assert line.states(one) == {RecipientState.UNKNOWN: 2, RecipientState.PENDING: 2}
    assert line.find(one).state is DispatchState.PAUSED
    assert "lecteur0" not in line.find(one).paused_why
    assert "RuntimeError" in line.find(one).paused_why
    assert len(channel.calls) == 1


def test_a_channel_that_raises_midway_leaves_what_it_told(line):
    def midway(consignment):
        yield consignment.recipients[0].ref, ACCEPTED
        yield consignment.recipients[1].ref, BUSY
        yield consignment.recipients[2].ref, UNREACHABLE
        raise OSError

    one, _channel, _run = send(line, midway, batch_size=4)
    assert effective(line.database, one) == dict(
        zip(
            EVERYBODY,
            (RecipientState.ACCEPTED, RecipientState.REFUSED, RecipientState.PENDING, RecipientState.UNKNOWN),
            strict=True,
        )
    )


def test_a_channel_that_tells_of_nobody_leaves_unknowns(line):
    one, _channel, _run = send(line, lambda _: [], batch_size=4)
    assert reasons(line, one) == {(RecipientState.UNKNOWN, "unclear"): 4}


def test_of_two_words_on_one_recipient_the_first_counts(line):
    def twice(consignment):
        first, second = consignment.recipients
        return [(first.ref, ACCEPTED), (first.ref, REFUSED), (second.ref, BUSY), (second.ref, ACCEPTED)]

    one, _channel, _run = send(line, twice)
    states = effective(line.database, one)
    assert (states[EVERYBODY[0]], states[EVERYBODY[1]]) == (RecipientState.ACCEPTED, RecipientState.REFUSED)


def test_who_was_said_not_sent_and_then_accepted_is_not_sent_to_again(line):
    def changed_its_mind(consignment):
        first, second = consignment.recipients
        return [(first.ref, UNREACHABLE), (first.ref, ACCEPTED), (second.ref, UNREACHABLE)]

    one, channel, _run = send(line, changed_its_mind)
    assert line.account(one).is_complete
    assert [len(call.recipients) for call in channel.calls] == [2, 1, 2]


@pytest.mark.parametrize("stranger", ["somebody", "", "001-000000.0"])
def test_words_on_strangers_are_of_no_consequence(line, stranger):
    one, channel, _run = send(line, lambda _: [(stranger, ACCEPTED), (None, REFUSED)])
    assert line.states(one) == {RecipientState.REFUSED: 2, RecipientState.ACCEPTED: 2}
    assert len(channel.reached) == 2


@pytest.mark.parametrize(
    ("rest", "state"),
    [(ACCEPTED, RecipientState.ACCEPTED), (REFUSED, RecipientState.REFUSED), (UNKNOWN, RecipientState.UNKNOWN)],
)
def test_who_was_said_not_sent_goes_back_whatever_becomes_of_the_rest(line, rest, state):
    def partly(consignment):
        return [(consignment.recipients[1].ref, UNREACHABLE), (None, rest)]

    one, channel, _run = send(line, partly, batch_size=4)
    wanted = dict.fromkeys(EVERYBODY, state) | {EVERYBODY[1]: RecipientState.ACCEPTED}
    assert effective(line.database, one) == wanted
    assert channel.reached.count(EVERYBODY[1]) == 1
    assert [len(call.recipients) for call in channel.calls] == [4, 1]


def test_each_of_a_batch_has_its_own_outcome_and_reason(line):
    one, _channel, _run = send(line, members(ACCEPTED, BUSY, BAD_ADDRESS, UNKNOWN), batch_size=4)
    assert dict(line.account(one).reasons) == {
        (RecipientState.REFUSED, "busy", "the mailbox is full"): 1,
        (RecipientState.REFUSED, "address", "user unknown"): 1,
        (RecipientState.UNKNOWN, "server-fault", "internal error"): 1,
    }
    assert line.account(one).retryable == 1


def test_who_is_left_out_is_not_given_the_reason_of_the_batch(line):
    channel = Scripted(UNKNOWN, batch_size=4)
    one = line.approve(channel)
    leave(line.database, EVERYBODY[2])
    line.send(one, channel)
    assert dict(line.account(one).reasons) == {
        (RecipientState.EXCLUDED, "unsubscribed", ""): 1,
        (RecipientState.UNKNOWN, "server-fault", "internal error"): 3,
    }


# Late answers


def lost(line):
    """A claim whose sender is taken for dead: its batch is unknown."""
    channel = Scripted(batch_size=4)
    one = line.approve(channel)
    now = clock.now()
    with line.database.write() as connection:
        assert dispatches.take_over_dispatch(connection, one, "frozen", now)
        claimed = batches.claim_batch(connection, one, "frozen", now)
    line.send(one, channel)
    assert channel.calls == []
    assert reasons(line, one) == {(RecipientState.UNKNOWN, "killed"): 4}
    return one, channel, claimed


def late(line, claimed, state=RecipientState.ACCEPTED, **changed):
    with line.database.write() as connection:
        return batches.settle_batch(connection, batches.Claim(**as_dict(claimed) | changed), state, clock.now())


def as_dict(claimed):
    return {name: getattr(claimed, name) for name in claimed.__slots__}


def test_a_late_answer_settles_what_was_unknown(line):
    one, _channel, claimed = lost(line)
    assert not late(line, claimed, owner="another")
    assert not late(line, claimed, attempt=claimed.attempt + 1)
    assert late(line, claimed)
    assert line.account(one).is_complete
    assert not late(line, claimed, RecipientState.REFUSED)


def test_a_late_answer_on_one_recipient_settles_that_one(line):
    one, _channel, claimed = lost(line)
    with line.database.write() as connection:
        assert batches.settle_recipient(connection, claimed, 1, RecipientState.ACCEPTED, clock.now())
        assert not batches.settle_recipient(connection, claimed, 1, RecipientState.REFUSED, clock.now())
    assert line.states(one) == {RecipientState.ACCEPTED: 1, RecipientState.UNKNOWN: 3}


def test_a_late_word_that_nothing_left_makes_nobody_pending(line):
    one, _channel, claimed = lost(line)
    with line.database.write() as connection:
        assert not batches.requeue_batch(connection, claimed, None, cause="unreachable", reason="")
    assert line.states(one) == {RecipientState.UNKNOWN: 4}


@pytest.mark.parametrize("answer", [RecipientState.ACCEPTED, RecipientState.REFUSED])
def test_a_late_answer_changes_nothing_after_a_person_has_decided(line, answer):
    one, channel, claimed = lost(line)
    with line.database.write() as connection:
        assert resolution.make_unknown_pending(connection, line.find(one), clock.now()) == 4
        assert not batches.settle_recipient(connection, claimed, 0, answer, clock.now())
    late(line, claimed, answer)
    assert line.states(one) == {RecipientState.PENDING: 4}
    line.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY


def test_a_frozen_sender_that_wakes_up_can_claim_nothing(line):
    channel = Scripted(LOGIN)
    one = line.approve(channel)
    line.send(one, channel)
    with line.database.write() as connection:
        assert dispatches.take_over_dispatch(connection, one, "old", clock.now())
        assert dispatches.take_over_dispatch(connection, one, "new", clock.now())
        assert batches.claim_batch(connection, one, "old", clock.now()) is None
        assert batches.claim_batch(connection, one, "new", clock.now()) is not None


def test_what_cannot_be_written_down_by_itself_is_unknown_and_not_accepted(line, monkeypatch):
    """A journal that takes one outcome for a fault does not let the recipient slip through with the batch."""
    settle_member = batches.settle_recipient
    broken = []

    def once_broken(connection, claimed, position, *rest, **more):
        if position == 1 and not broken:
            broken.append(position)
            connection.execute(update(schema.dispatches).values(state="nothing"))
        return settle_member(connection, claimed, position, *rest, **more)

    monkeypatch.setattr(batches, "settle_recipient", once_broken)
    one, _channel, _run = send(line, members(ACCEPTED, REFUSED, ACCEPTED, ACCEPTED), batch_size=4)
    states = effective(line.database, one)
    assert (states[EVERYBODY[0]], states[EVERYBODY[1]]) == (RecipientState.ACCEPTED, RecipientState.UNKNOWN)


def test_a_rate_is_kept_with_everybody_counted(line):
    line.join(*readers(8, start=10))
    channel = Scripted(concurrency=3)
    one = line.approve(channel)
    began = runner.time.monotonic()
    line.send(one, channel, rate=1200)
    # Twelve messages at twenty a second; the first two leave at once.
    assert runner.time.monotonic() - began >= 10 / 20
    assert line.account(one).is_complete


def test_a_batch_is_never_larger_than_a_minutes_share(desk, line, run, on_database):
    del on_database
    (desk.root / "pvd-mailer.toml").write_text("rate = 3\n", "utf-8")
    run("approve", "1", "--audience", "all", "--by", "Claire")
    with line.database.read() as connection:
        assert len(connection.execute(schema.batches.select()).all()) == 2


def test_a_batch_larger_than_the_rate_is_divided_and_nobody_of_it_is_lost(line):
    channel = Scripted(batch_size=4)
    one = line.approve(channel)
    line.send(one, channel, rate=3, watch=lambda run: run.stop() if run.counts else None)
    assert [len(call.recipients) for call in channel.calls] == [3]
    assert line.states(one) == {RecipientState.ACCEPTED: 3, RecipientState.PENDING: 1}
    line.send(one, channel)
    assert [len(call.recipients) for call in channel.calls] == [3, 1]
    assert line.account(one).is_complete
    assert len(set(channel.reached)) == 4


def test_once_nobody_is_left_no_turn_is_waited_for(line, monkeypatch):
    channel = Scripted(batch_size=4)
    one = line.approve(channel)
    waited = []
    wait = rate_limit.RateLimiter.wait
    monkeypatch.setattr(rate_limit.RateLimiter, "wait", lambda self: waited.append(1) or wait(self))
    line.send(one, channel, rate=4)  # another turn would come in a minute
    assert len(waited) == 1
    assert line.account(one).is_complete
