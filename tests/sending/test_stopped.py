"""No room left in the middle of a send: what it says is what happened, and how to go on."""

import re
from pathlib import Path

import pytest

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.send.courier import Courier
from pvd_mailer.workflow import sending
from pvd_mailer.workflow.stopped import StoppedError
from tests.sending.line import readers
from tests.sending.scripted import ACCEPTED, LOGIN, UNKNOWN, Scripted


@pytest.fixture
def channel(monkeypatch):
    """What the commands send by."""
    made = Scripted()
    monkeypatch.setattr("pvd_mailer.cli.desk.Desk.channel", lambda *_arguments: made)
    return made


def full(self, target):
    """No file takes another's name: there is no room for it."""
    del self, target
    raise OSError(28, "no space")


def test_a_database_without_room_in_mid_send_says_who_has_the_letter(seated, run, channel, monkeypatch):
    seated.join(*readers(4, start=4))
    channel.script.extend([UNKNOWN, ACCEPTED])
    one = seated.approve(channel)
    written = Courier._settle

    def settle(self, claimed, result, count, step):
        if len(channel.calls) == 3:
            raise DatabaseError("no space is left for the database x", "Make room on the disk.")
        written(self, claimed, result, count, step)

    monkeypatch.setattr("pvd_mailer.send.courier.time.sleep", lambda _seconds: None)
    with monkeypatch.context() as patched:
        patched.setattr(Courier, "_settle", settle)
        ran = run("send", "1", "--yes")
    assert ran.code == 3
    assert "no space is left for the database x, in the middle of the send" in ran.err
    assert "2 of 8 accepted, 4 unknown, 2 still to send" in ran.err
    assert f"pvd-mailer resume {one}" in ran.err
    assert "is done" not in ran.err
    assert run("resume", one).code == 4
    assert seated.states(one) == {State.ACCEPTED: 4, State.UNKNOWN: 4}
    assert len(channel.reached) == len(set(channel.reached))


def test_a_record_that_cannot_be_written_in_mid_send_stops_it_and_says_so(seated, run, channel, monkeypatch):
    monkeypatch.setattr(sending, "RECORD_SECONDS", 0.0)
    one = seated.approve(channel)

    def fill(_consignment):
        monkeypatch.setattr(Path, "replace", full)
        return [(None, ACCEPTED)]

    channel.script.append(fill)
    channel.script.append(lambda _consignment: wait_and_accept())
    with monkeypatch.context():
        ran = run("send", "1", "--yes")
    monkeypatch.undo()
    assert ran.code == 3
    assert "sent.json" in ran.err
    assert "no space left on the disk" in ran.err
    assert re.search(r"\d of 4 accepted, 0 unknown, \d still to send", ran.err)
    assert "what you asked for is done" not in ran.err
    assert len(channel.reached) == len(set(channel.reached))
    assert seated.find(one).started_at is not None


def wait_and_accept():
    """An answer that takes longer than the next look at the record."""
    import time  # noqa: PLC0415 - the record is looked at four times a second

    time.sleep(0.7)
    return [(None, ACCEPTED)]


@pytest.mark.parametrize(
    ("script", "state", "said"),
    [
        ((ACCEPTED, ACCEPTED), DispatchState.FINISHED, "4 of 4 accepted, 0 unknown, 0 still to send"),
        ((ACCEPTED, LOGIN), DispatchState.PAUSED, "2 of 4 accepted, 0 unknown, 2 still to send"),
    ],
)
def test_a_record_that_cannot_be_written_at_the_end_does_not_change_what_became_of_the_send(
    line, monkeypatch, script, state, said
):
    channel = Scripted(*script)
    one = line.approve(channel)

    def after(run):
        if sum(run.counts.values()) or run.halted:
            monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(StoppedError) as caught:
        line.send(one, channel, watch=after)
    assert caught.value.exit_code == 3
    assert "the send has ended" in str(caught.value)
    assert said in str(caught.value)
    assert line.find(one).state is state
