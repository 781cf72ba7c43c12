"""A sender that is suspended and loses its lock is taken for dead: it disturbs nobody when it wakes, and says so."""

import json
import signal

import psycopg
import pytest

from pvd_mailer import clock
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import batches, dispatches
from pvd_mailer.send import batch_sender
from pvd_mailer.send.runner import DispatchTakenOverError
from pvd_mailer.subscribers.mutations import lock_subscribers
from tests.send.line import readers
from tests.send.scripted import ACCEPTED, Scripted, members
from tests.send.test_together import background, wait_for
from tests.sendgrid import FakeSendGrid
from tests.smtpd import MailServer

LAG = 3
"""Seconds that the far side takes for the answer in which a sender is frozen."""


def cut_off(server, url):
    """End every connection that pvd-mailer has to the database, as a server does with those that are silent."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = %s AND application_name LIKE 'pvd-mailer%%'",
            (url.rpartition("/")[2],),
        )


def of_issue(mailing):
    with mailing.database.read() as connection:
        return dispatches.dispatches_of_issue(connection, 1)


def far_side(channel):
    if channel == "sendgrid":
        return FakeSendGrid("SG.test", latency=LAG)
    return MailServer(faults=[None, None, "body-accepted-late"], patience=LAG)


@pytest.mark.parametrize("channel", ["sendgrid", "smtp"])
@pytest.mark.parametrize("awake", ["while the other sends", "when the other has finished"])
def test_a_sender_that_was_taken_for_dead_leaves_its_successor_alone(
    mailing_commands, run, monkeypatch, request, channel, awake
):
    if mailing_commands.database.is_sqlite:
        return  # there the lock is the process's own: a frozen sender keeps it
    server, url = request.getfixturevalue("postgresql"), request.getfixturevalue("database_url")
    mailing_commands.join(*readers(20, start=4))
    with far_side(channel) as far:
        settings = (
            {"SENDGRID_API_KEY": "SG.test", "PVD_SENDGRID_URL": far.url}
            if channel == "sendgrid"
            else {"PVD_SMTP_URL": far.url}
        ) | {"PVD_CONNECTIONS": "1", "PVD_BATCH_SIZE": "8"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", channel).code == 0
        first = background(mailing_commands.issue_workspace, "send", "1", **settings)
        wait_for(first, lambda: far.calls if channel == "sendgrid" else len(far.accepted) == 3)
        first.send_signal(signal.SIGSTOP)
        cut_off(server, url)
        second = background(mailing_commands.issue_workspace, "send", "1", **settings)
        if awake == "while the other sends":
            (one,) = of_issue(mailing_commands)
            wait_for(second, lambda: of_issue(mailing_commands)[0].owner not in {None, one.owner})
        else:
            second.wait(120)
        first.send_signal(signal.SIGCONT)
        out, err = first.communicate(timeout=120)
        said, told = second.communicate(timeout=120)
        # SendGrid's one answer for all of them comes to the first in time, and the second sees them accepted.
        complete = channel == "sendgrid" and awake == "while the other sends"
        assert (first.returncode, second.returncode) == (3, 0 if complete else 4), out + err + said + told
        assert "was taken for dead" in err
        assert "Traceback" not in err + told
        assert len({one.address for one in far.accepted}) == len(far.accepted)
    (one,) = json.loads(run("status", "--format", "json").out)["dispatches"]
    assert (one["state"], one["paused_why"]) == ("finished", "")
    # The answer that the first one had waited for still counts; what it had claimed beyond that left by nobody.
    answered = 8 if channel == "sendgrid" else 3
    assert one["states"]["accepted"] == len(far.accepted) == 16 + answered
    assert one["states"]["unknown"] == 8 - answered
    assert ("--cause killed" in run("status", one["dispatch"]).out) == (answered < 8)


def taken_over(mailing, one):
    """Another sender takes the lock, as `run_dispatch` does, and the dispatch."""
    with mailing.database.write() as connection:
        lock_subscribers(connection)
        batches.mark_in_flight_unknown(connection, "killed", clock.now())
        assert dispatches.take_over_dispatch(connection, one, "another", clock.now())


@pytest.mark.parametrize("state", [DispatchState.RUNNING, DispatchState.PAUSED])
def test_who_lost_the_dispatch_hands_over_no_other_message(mailing, state):
    channel = Scripted(batch_size=3)

    def lose(consignment):
        yield consignment.recipients[0].ref, ACCEPTED
        taken_over(mailing, one)
        if state is DispatchState.PAUSED:
            with mailing.database.write() as connection:
                dispatches.mark_paused(connection, one, "by-hand", clock.now())
        yield consignment.recipients[1].ref, ACCEPTED
        raise AssertionError  # a third message would leave

    channel.script.append(lose)
    one = mailing.approve(channel)
    with pytest.raises(DispatchTakenOverError) as caught:
        mailing.send(one, channel)
    assert caught.value.exit_code == 3
    assert mailing.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.UNKNOWN: 1, RecipientState.PENDING: 1}
    assert (mailing.find(one).state, mailing.find(one).owner) == (state, "another")
    assert len(channel.calls) == 1


def test_who_lost_the_dispatch_between_claim_and_call_hands_nothing_over(mailing, monkeypatch):
    channel = Scripted(members(ACCEPTED, ACCEPTED))
    one = mailing.approve(channel)
    asked = batch_sender.suppressed_in_batch  # the last look at a batch before it is handed over

    def lose(connection, batch_id):
        suppressed = asked(connection, batch_id)
        if not lost:
            lost.append(batch_id)
            connection.rollback()
            taken_over(mailing, one)
        return suppressed

    lost = []
    monkeypatch.setattr(batch_sender, "suppressed_in_batch", lose)
    with pytest.raises(DispatchTakenOverError):
        mailing.send(one, channel)
    assert channel.calls == []
    assert mailing.states(one) == {RecipientState.UNKNOWN: 2, RecipientState.PENDING: 2}


def test_a_command_that_finds_nobody_at_work_takes_the_dispatch_from_whoever_wakes_later(mailing):
    """`status` or `resolve`, under the lock: the sender that lost it claims nothing more."""
    channel = Scripted()

    def lose(_consignment):
        with mailing.database.write() as connection:
            batches.mark_in_flight_unknown(connection, "killed", clock.now())
        yield None, ACCEPTED

    channel.script.append(lose)
    one = mailing.approve(channel)
    with pytest.raises(DispatchTakenOverError):
        mailing.send(one, channel)
    assert mailing.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 2}
    assert mailing.find(one).state is DispatchState.RUNNING
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
