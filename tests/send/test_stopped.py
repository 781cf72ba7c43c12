"""No room left in the middle of a send: what it says is what happened, and how to go on."""

import re
from pathlib import Path

import pytest

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.states import RecipientState
from pvd_mailer.send.batch_outcomes import BatchOutcomes
from tests.send.line import readers
from tests.send.scripted import ACCEPTED, UNKNOWN, Scripted


@pytest.fixture
def channel(monkeypatch):
    """What the commands send by."""
    made = Scripted()
    monkeypatch.setattr("pvd_mailer.cli.context.CliContext.channel", lambda *_arguments: made)
    return made


def full(self, target):
    """No file takes another's name: there is no room for it."""
    del self, target
    raise OSError(28, "no space")


def test_a_database_without_room_in_mid_send_says_who_has_the_letter(mailing_commands, run, channel, monkeypatch):
    mailing_commands.join(*readers(4, start=4))
    channel.script.extend([UNKNOWN, ACCEPTED])
    one = mailing_commands.approve(channel)
    written = BatchOutcomes._settle_batch

    def settle(self, result, count):
        if len(channel.calls) == 3:
            raise DatabaseError("no space is left for the database x", "Make room on the disk.")
        written(self, result, count)

    monkeypatch.setattr("pvd_mailer.send.journal_retry.time.sleep", lambda _seconds: None)
    with monkeypatch.context() as patched:
        patched.setattr(BatchOutcomes, "_settle_batch", settle)
        ran = run("send", "1", "--yes")
    assert ran.code == 3
    assert "no space is left for the database x, in the middle of the send" in ran.err
    assert "2 of 8 accepted, 4 unknown, 2 still to send" in ran.err
    assert f"pvd-mailer resume {one}" in ran.err
    assert "is done" not in ran.err
    assert run("resume", one).code == 4
    assert mailing_commands.states(one) == {RecipientState.ACCEPTED: 4, RecipientState.UNKNOWN: 4}
    assert len(channel.reached) == len(set(channel.reached))


def test_a_record_that_cannot_be_written_in_mid_send_stops_it_and_says_so(mailing_commands, run, channel, monkeypatch):
    one = mailing_commands.approve(channel)

    def fill(_consignment):
        monkeypatch.setattr(Path, "replace", full)
        return [(None, ACCEPTED)]

    channel.script.append(fill)
    with monkeypatch.context():
        ran = run("send", "1", "--yes")
    monkeypatch.undo()
    assert ran.code == 3
    assert "sent.json" in ran.err
    assert "no space left on the disk" in ran.err
    assert re.search(r"\d of 4 accepted, 0 unknown, \d still to send", ran.err)
    assert "what you asked for is done" not in ran.err
    assert len(channel.reached) == len(set(channel.reached))
    assert mailing_commands.find(one).started_at is not None
