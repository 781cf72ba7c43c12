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
from pvd_mailer.services.dispatches import control, recovery
from pvd_mailer.services.subscribers.privacy import erase_person
from pvd_mailer.subscribers.queries import find_subscriber
from tests.send.line import addressed, effective, leave, readers
from tests.send.scripted import ACCEPTED, UNREACHABLE, Scripted
from tests.smtpd import MailServer

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


def test_a_second_sender_in_the_same_process_is_refused_and_disturbs_nothing(line):
    channel, other = Scripted(), Scripted()
    inside, go_on = threading.Event(), threading.Event()

    def held(_consignment):
        inside.set()
        assert go_on.wait(30)
        return [(None, ACCEPTED)]

    channel.script.append(held)
    one = line.approve(channel)
    first = threading.Thread(target=line.send, args=(one, channel))
    first.start()
    try:
        assert inside.wait(30)
        with pytest.raises(SenderBusyError, match="another send is at work"):
            line.send(one, other)
        with pytest.raises(SenderBusyError):
            recovery.requeue_refused(line.office, line.find(one))
        with pytest.raises(SenderBusyError):
            recovery.resolve_unknown(line.office, line.find(one), accepted=True, cause=None, resolver="")
        assert line.states(one) == {RecipientState.SENDING: 2, RecipientState.PENDING: 2}
    finally:
        go_on.set()
        first.join()
    assert sorted(channel.reached) == EVERYBODY
    assert other.calls == []
    assert line.account(one).is_complete


def test_a_second_sender_in_another_process_is_told_in_words(seated, run, monkeypatch):
    """Over a real mail server that takes its time."""
    with MailServer(faults=["body-accepted-stall"], patience=3) as server:
        monkeypatch.setenv("PVD_SMTP_URL", server.url)
        assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "smtp").code == 0
        process = background(seated.desk, "send", "1", PVD_SMTP_URL=server.url)
        wait_for(process, lambda: server.accepted)
        for arguments in (["send", "1"], ["resolve", dispatch_of(run), "--assume", "accepted"]):
            ran = run(*arguments)
            assert ran.code == 3
            assert "another send is at work" in ran.err
        process.communicate(timeout=60)
        run("resolve", dispatch_of(run), "--resend")
        assert len(server.accepted) == len({one.address for one in server.accepted})


def background(desk, *arguments, **more):
    return subprocess.Popen(
        desk.command(*arguments),
        cwd=desk.root,
        env=desk.environment(**more),
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
def test_who_leaves_after_the_approval_gets_nothing(line, state):
    channel = Scripted(batch_size=1)

    def leaves(_consignment):
        leave(line.database, EVERYBODY[2], state)
        return [(None, ACCEPTED)]

    channel.script.append(leaves)
    one = line.approve(channel)
    leave(line.database, EVERYBODY[1], state)
    line.send(one, channel)
    assert sorted(channel.reached) == [EVERYBODY[0], EVERYBODY[3]]
    assert line.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.EXCLUDED: 2}
    assert line.account(one).reasons == {(RecipientState.EXCLUDED, str(state), ""): 2}
    assert line.account(one).is_complete


def test_who_leaves_between_two_attempts_gets_nothing(line, monkeypatch):
    monkeypatch.setattr("pvd_mailer.send.rate_limit.FIRST_BACKOFF", 0.01)
    channel = Scripted(batch_size=4)

    def leaves(_consignment):
        leave(line.database, EVERYBODY[1])
        return [(None, UNREACHABLE)]

    channel.script.append(leaves)
    one = line.approve(channel)
    line.send(one, channel)
    assert EVERYBODY[1] not in channel.reached
    assert line.states(one) == {RecipientState.ACCEPTED: 3, RecipientState.EXCLUDED: 1}


def test_who_is_forgotten_in_the_middle_gets_nothing_and_still_counts(line):
    channel = Scripted()
    one = line.approve(channel)
    erase_person(line.database, EVERYBODY[3], line.office.keys, now())
    line.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY[:3]
    assert line.account(one).reasons == {(RecipientState.EXCLUDED, "forgotten", ""): 1}
    assert line.account(one).audience == 4
    assert EVERYBODY[3] not in str(effective(line.database, one))


def test_who_subscribes_after_the_approval_is_told_apart_and_not_added(seated, run):
    run("approve", "1", "--audience", "all", "--by", "Claire")
    seated.join(*readers(2, start=50))
    assert "2 people have subscribed since the approval" in run("send", "1", "--dry-run").out
    run("send", "1")
    assert addressed(seated.desk) == EVERYBODY


def test_nobody_sees_anybody_elses_address_or_link(line, monkeypatch):
    monkeypatch.setenv("PVD_PUBLIC_URL", "https://lettre.test")
    made = type(line)(line.desk, line.database)
    channel = Scripted(batch_size=4)
    made.send(made.approve(channel), channel)
    (call,) = channel.calls
    links = [one.one_click_url for one in call.recipients]
    assert len(set(links)) == 4
    assert all(link.startswith("https://lettre.test/u/") for link in links)
    assert not any("lecteur" in link or "ville" in link for link in links)
    with line.database.read() as connection:
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
def test_a_word_from_another_terminal_stops_a_send_after_the_calls_in_flight(line, act, state, left):
    channel = Scripted(batch_size=1)

    def stop(_consignment):
        assert act(line.office, one)
        return [(None, ACCEPTED)]

    channel.script.extend([ACCEPTED, stop])
    one = line.approve(channel)
    line.send(one, channel)
    assert line.find(one).state is state
    assert line.states(one) == {RecipientState.ACCEPTED: 2, left: 2}
    assert line.record()["dispatches"][0]["state"] == str(state)
    assert not act(line.office, one)
    if state is DispatchState.PAUSED:
        assert line.find(one).paused_why == "by-hand"
        line.send(one, channel)
        assert sorted(channel.reached) == EVERYBODY


@pytest.mark.parametrize(("number", "more"), [(signal.SIGINT, []), (signal.SIGTERM, ["--format", "json"])])
def test_an_interrupted_send_finishes_its_calls_and_goes_on_later(seated, run, number, more):
    seated.join(*readers(126, start=10))
    run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox")
    process = background(seated.desk, "send", "1", *more)
    new = seated.desk.root / "var" / "outbox" / "new"
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
    assert len(addressed(seated.desk)) == len(set(addressed(seated.desk))) == 130
    assert list((seated.desk.root / "var" / "outbox" / "tmp").iterdir()) == []


def test_a_send_that_was_killed_is_told_and_goes_on(seated, run):
    seated.join(*readers(126, start=10))
    run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox")
    process = background(seated.desk, "send", "1")
    new = seated.desk.root / "var" / "outbox" / "new"
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
    assert len(addressed(seated.desk)) == len(set(addressed(seated.desk))) == 130


def test_lanes_share_the_work_and_repeat_nobody(line):
    line.join(*readers(96, start=10))
    channel = Scripted(concurrency=8, batch_size=3)
    one = line.approve(channel)
    line.send(one, channel)
    assert len(channel.reached) == len(set(channel.reached)) == 100
    assert len({call.call_id for call in channel.calls}) == len(channel.calls) == 34
    with line.database.read() as connection:
        assert {row.attempt for row in connection.execute(schema.batches.select())} == {1}
