"""Others at work at the same moment: a second sender, readers who leave, people who pause, cancel or interrupt."""

import json
import re
import signal
import subprocess
import threading
import time

import pytest

from pvd_mailer.clock import now
from pvd_mailer.database import schema
from pvd_mailer.database.lock import SenderBusyError
from pvd_mailer.database.states import DispatchState, RecipientState, SubscriberState
from pvd_mailer.send import batch_sender, runner
from pvd_mailer.services.dispatches import control, recovery
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.privacy import erase_from_tables
from pvd_mailer.subscribers.queries import find_subscriber
from tests.send.line import addressed, effective, leave, readers
from tests.send.scripted import ACCEPTED, UNREACHABLE, Scripted
from tests.smtpd import MailServer

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


def test_a_second_sender_in_the_same_process_is_refused_and_disturbs_nothing(mailing):
    channel, other = Scripted(), Scripted()
    inside, go_on = threading.Event(), threading.Event()

    def held(_consignment):
        inside.set()
        assert go_on.wait(30)
        return [(None, ACCEPTED)]

    channel.script.append(held)
    one = mailing.approve(channel)
    first = threading.Thread(target=mailing.send, args=(one, channel))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(SenderBusyError, match="another send is at work"):
            mailing.send(one, other)
        with pytest.raises(SenderBusyError):
            recovery.requeue_refused(mailing.office, mailing.find(one))
        with pytest.raises(SenderBusyError):
            recovery.resolve_unknown(mailing.office, mailing.find(one), accepted=True, cause=None, resolver="")
        assert mailing.states(one) == {RecipientState.SENDING: 2, RecipientState.PENDING: 2}
    finally:
        go_on.set()
        first.join()
    assert sorted(channel.reached) == EVERYBODY
    assert other.calls == []
    assert mailing.account(one).is_complete


def test_lanes_with_nothing_to_do_hear_at_once_of_a_batch_given_back_and_of_the_end(mailing, monkeypatch):
    monkeypatch.setattr(runner, "IDLE_SECONDS", 600)
    channel = Scripted(concurrency=4, batch_size=1)

    def slow(result):
        def answer(_request):
            time.sleep(0.5)  # the other lanes have found nothing to do by then
            return [(None, result)]

        return answer

    one = mailing.approve(channel)
    channel.script.extend([ACCEPTED, ACCEPTED, ACCEPTED, slow(UNREACHABLE), slow(ACCEPTED)])
    sending = threading.Thread(target=mailing.send, args=(one, channel), daemon=True)
    sending.start()
    sending.join(60)
    assert not sending.is_alive()
    assert sorted(channel.reached) == EVERYBODY
    assert mailing.account(one).is_complete


def test_a_second_sender_in_another_process_is_told_in_words(mailing_commands, run, monkeypatch):
    """Over a real mail server that takes its time."""
    with MailServer(faults=["body-accepted-stall"], patience=3) as server:
        monkeypatch.setenv("PVD_SMTP_URL", server.url)
        assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp").code == 0
        process = background(mailing_commands.issue_workspace, "send", "1", PVD_SMTP_URL=server.url)
        wait_for(process, lambda: server.accepted)
        for arguments in (["send", "1"], ["resolve", dispatch_of(run), "--assume", "accepted"]):
            ran = run(*arguments)
            assert ran.code == 3
            assert "another send is at work" in ran.err
        process.communicate(timeout=60)
        run("resolve", dispatch_of(run), "--resend")
        assert len(server.accepted) == len({one.address for one in server.accepted})


def background(issue_workspace, *arguments, **more):
    return subprocess.Popen(
        issue_workspace.command(*arguments),
        cwd=issue_workspace.root,
        env=issue_workspace.environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def wait_for(process, ready):
    for _ in range(6000):
        if process.poll() is not None or ready():
            return
        time.sleep(0.01)


def dispatch_of(run):
    return json.loads(run("status", "--format", "json").out)["dispatches"][-1]["dispatch"]


# Readers


@pytest.mark.parametrize("state", [SubscriberState.UNSUBSCRIBED, SubscriberState.BOUNCED, SubscriberState.COMPLAINED])
def test_who_leaves_after_the_approval_gets_nothing(mailing, state):
    channel = Scripted(batch_size=1)

    def leaves(_consignment):
        leave(mailing.database, EVERYBODY[2], state)
        return [(None, ACCEPTED)]

    channel.script.append(leaves)
    one = mailing.approve(channel)
    leave(mailing.database, EVERYBODY[1], state)
    mailing.send(one, channel)
    assert sorted(channel.reached) == [EVERYBODY[0], EVERYBODY[3]]
    assert mailing.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.EXCLUDED: 2}
    assert mailing.account(one).reasons == {(RecipientState.EXCLUDED, str(state), ""): 2}
    assert mailing.account(one).is_complete


def test_who_is_forgotten_while_a_batch_is_read_is_written_to_as_they_were_or_not_at_all(mailing, monkeypatch):
    """SQLite has shown the batch as it was; PostgreSQL hears of it in time."""
    asked = []

    def forgotten_after(question):
        def ask(connection, batch_id):
            answer = question(connection, batch_id)
            asked.append(question)
            if len(asked) == 1:
                with mailing.database.write() as other:
                    erase_from_tables(other, EVERYBODY[2], mailing.office.keys, now())
            return answer

        return ask

    monkeypatch.setattr(batch_sender, "suppressed_in_batch", forgotten_after(batch_sender.suppressed_in_batch))
    monkeypatch.setattr(
        batch_sender.batches, "batch_recipients", forgotten_after(batch_sender.batches.batch_recipients)
    )
    channel = Scripted(batch_size=4)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    excluded = {} if mailing.database.is_sqlite else {RecipientState.EXCLUDED: 1}
    assert mailing.states(one) == {RecipientState.ACCEPTED: 4 - len(excluded)} | excluded


def test_who_leaves_between_two_attempts_gets_nothing(mailing, monkeypatch):
    monkeypatch.setattr("pvd_mailer.send.rate_limit.FIRST_BACKOFF", 0.01)
    channel = Scripted(batch_size=4)

    def leaves(_consignment):
        leave(mailing.database, EVERYBODY[1])
        return [(None, UNREACHABLE)]

    channel.script.append(leaves)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert EVERYBODY[1] not in channel.reached
    assert mailing.states(one) == {RecipientState.ACCEPTED: 3, RecipientState.EXCLUDED: 1}


def test_who_is_forgotten_in_the_middle_gets_nothing_and_still_counts(mailing):
    channel = Scripted()
    one = mailing.approve(channel)
    erase_person(mailing.database, EVERYBODY[3], mailing.office.keys, now())
    mailing.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY[:3]
    assert mailing.account(one).reasons == {(RecipientState.EXCLUDED, "forgotten", ""): 1}
    assert mailing.account(one).audience == 4
    assert EVERYBODY[3] not in str(effective(mailing.database, one))


def test_who_subscribes_after_the_approval_is_told_apart_and_not_added(mailing_commands, run):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    mailing_commands.join(*readers(2, start=50))
    assert "2 people have subscribed since the approval" in run("send", "1", "--dry-run").out
    run("send", "1")
    assert addressed(mailing_commands.issue_workspace) == EVERYBODY


def test_nobody_sees_anybody_elses_address_or_link(mailing, monkeypatch):
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.test")
    made = type(mailing)(mailing.issue_workspace, mailing.database)
    channel = Scripted(batch_size=4)
    made.send(made.approve(channel), channel)
    (call,) = channel.calls
    links = [one.one_click_url for one in call.recipients]
    assert len(set(links)) == 4
    assert all(link.startswith("https://lettre.test/u/") for link in links)
    assert not any("lecteur" in link or "ville" in link for link in links)
    with mailing.database.read() as connection:
        refs = [find_subscriber(connection, address).ref for address in EVERYBODY]
    assert [link.rpartition("/")[2].partition(".")[0] for link in links] == refs


# People at another terminal


@pytest.mark.parametrize(
    ("act", "state", "left"),
    [
        (control.pause_dispatch, DispatchState.PAUSED, RecipientState.PENDING),
        (control.cancel_dispatch, DispatchState.CANCELLED, RecipientState.CANCELLED),
    ],
)
def test_a_word_from_another_terminal_stops_a_send_after_the_calls_in_flight(mailing, act, state, left):
    channel = Scripted(batch_size=1)

    def stop(_consignment):
        assert act(mailing.office, one)
        return [(None, ACCEPTED)]

    channel.script.extend([ACCEPTED, stop])
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.find(one).state is state
    assert mailing.states(one) == {RecipientState.ACCEPTED: 2, left: 2}
    assert mailing.record()["dispatches"][0]["state"] == str(state)
    assert not act(mailing.office, one)
    if state is DispatchState.PAUSED:
        assert mailing.find(one).paused_why == "by-hand"
        mailing.send(one, channel)
        assert sorted(channel.reached) == EVERYBODY


@pytest.mark.parametrize(("number", "more"), [(signal.SIGINT, []), (signal.SIGTERM, ["--format", "json"])])
def test_an_interrupted_send_finishes_its_calls_and_goes_on_later(mailing_commands, run, number, more):
    mailing_commands.join(*readers(126, start=10))
    run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox")
    process = background(mailing_commands.issue_workspace, "send", "1", *more)
    new = mailing_commands.issue_workspace.root / "var" / "outbox" / "new"
    wait_for(process, lambda: new.is_dir() and len(list(new.iterdir())) > 20)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "the calls in flight are being finished" in err
    assert "Traceback" not in err
    sent = len(list(new.iterdir()))
    assert 20 < sent < 130
    (one,) = json.loads(run("status", "--format", "json").out)["dispatches"]
    assert (one["state"], one["states"]["accepted"]) == ("running", sent)
    assert one["states"]["sending"] == one["states"]["unknown"] == 0
    if more:
        assert json.loads(out)["states"]["accepted"] == sent
    else:
        assert re.search(r"\d+ +still to send", out)
    assert run("send", "1").code == 0
    assert (
        len(addressed(mailing_commands.issue_workspace)) == len(set(addressed(mailing_commands.issue_workspace))) == 130
    )
    assert list((mailing_commands.issue_workspace.root / "var" / "outbox" / "tmp").iterdir()) == []


def test_a_send_that_was_killed_is_told_and_goes_on(mailing_commands, run):
    mailing_commands.join(*readers(126, start=10))
    run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox")
    process = background(mailing_commands.issue_workspace, "send", "1")
    new = mailing_commands.issue_workspace.root / "var" / "outbox" / "new"
    wait_for(process, lambda: new.is_dir() and len(list(new.iterdir())) > 20)
    process.kill()
    process.communicate(timeout=60)
    ran = run("send", "1")
    assert ran.code == 4, ran.err
    told = json.loads(run("report", "1", "--format", "json").out)["dispatches"][0]
    assert 0 < told["states"]["unknown"] <= 100
    assert f"with {told['states']['unknown']} recipients in flight: unknown from now on" in ran.out
    assert f"pvd-mailer resolve {told['dispatch']} --cause killed" in ran.out
    assert sum(told["states"].values()) == told["audience"] == 130
    assert run("resolve", told["dispatch"], "--resend", "--by", "Claire").code == 0
    assert run("send", "1").code == 0
    assert (
        len(addressed(mailing_commands.issue_workspace)) == len(set(addressed(mailing_commands.issue_workspace))) == 130
    )


def test_lanes_share_the_work_and_repeat_nobody(mailing):
    mailing.join(*readers(96, start=10))
    channel = Scripted(concurrency=8, batch_size=3)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert len(channel.reached) == len(set(channel.reached)) == 100
    assert len({call.call_id for call in channel.calls}) == len(channel.calls) == 34
    with mailing.database.read() as connection:
        assert {row.attempt for row in connection.execute(schema.batches.select())} == {1}
