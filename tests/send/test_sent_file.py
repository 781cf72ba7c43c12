"""`sent.json` beside the issue: that it was sent, where a lost or older database cannot take it along."""

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import RecipientState
from pvd_mailer.send.sent_file import SENT_FILE, ForeignSendError, SentFileUnwritableError, read_sent_file
from pvd_mailer.services.dispatches import recovery
from tests.preview.conftest import until
from tests.send.line import Mailing, readers, rows
from tests.send.scripted import ACCEPTED, BUSY, LOGIN, UNKNOWN, Scripted, members

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


def test_it_is_there_before_the_first_message_and_counts_at_the_end(mailing):
    channel = Scripted()
    seen = []

    def look(_consignment):
        seen.append(mailing.record())
        return [(None, ACCEPTED)]

    channel.script.append(look)
    one = mailing.approve(channel)
    assert not (mailing.issue_workspace.folder / "sent.json").exists()
    mailing.send(one, channel)
    (before,), (after,) = seen[0]["dispatches"], mailing.record()["dispatches"]
    assert (before["dispatch"], before["state"], before["counts"]["accepted"]) == (one, "running", 0)
    assert (after["state"], after["counts"]["accepted"], after["recipients"]) == ("finished", 4, 4)
    assert after["letter"] == mailing.find(one).letter
    assert after["audience"] == mailing.find(one).approval.audience_digest
    assert [path.name for path in mailing.issue_workspace.folder.glob(".sent*")] == []


def test_it_holds_no_address_and_no_name(mailing):
    channel = Scripted(UNKNOWN, BUSY)
    mailing.send(mailing.approve(channel), channel)
    text = (mailing.issue_workspace.folder / "sent.json").read_text("utf-8")
    assert "@" not in text
    assert "lecteur" not in text.lower()
    assert "claire" not in text.lower()


def test_a_rehearsal_writes_none(mailing):
    channel = Scripted()
    channel.is_live = False
    mailing.send(mailing.approve(channel), channel)
    assert not (mailing.issue_workspace.folder / "sent.json").exists()


def test_each_dispatch_is_in_it(mailing):
    channel = Scripted()
    first = mailing.approve(channel)
    mailing.send(first, channel)
    second = mailing.approve(channel, again=True)
    mailing.send(second, channel)
    assert {one["dispatch"] for one in mailing.record()["dispatches"]} == {first, second}


def another(mailing, tmp_path):
    """The same workspace on another, new database."""
    database = open_database(None, tmp_path / "another.sqlite")
    prepare_database(database)
    made = Mailing(mailing.issue_workspace, database)
    made.join(*readers(4))
    return made


def test_a_database_that_does_not_know_of_it_sends_nothing(mailing, tmp_path):
    channel = Scripted()
    mailing.send(mailing.approve(channel), channel)
    other = another(mailing, tmp_path)
    record = mailing.issue_workspace.folder / "sent.json"
    twice = Scripted()
    told = record.read_bytes()
    record.unlink()
    one = other.approve(twice)
    record.write_bytes(told)
    before = rows(other.database)
    for act in (lambda: other.send(one, twice), lambda: other.approve(twice)):
        with pytest.raises(ForeignSendError, match="tells of more than the database knows") as caught:
            act()
        assert caught.value.exit_code == 1
        assert "`pvd-mailer reconcile 1` sends nothing" in caught.value.hint
    assert twice.calls == []
    assert rows(other.database) == before
    record.unlink()  # as somebody may who knows what he does
    other.send(one, twice)
    assert sorted(twice.reached) == EVERYBODY
    other.database.close()


@pytest.mark.parametrize("begun", [False, True])
def test_an_older_copy_of_the_database_sends_nothing(issue_workspace, tmp_path, begun):
    """A copy made by hand, which `restore` could not bring to a standstill."""
    database = open_database(None, tmp_path / "pvd.sqlite")
    prepare_database(database)
    line = Mailing(issue_workspace, database)
    line.join(*readers(4))
    channel = Scripted(*([LOGIN] if begun else []))
    one = line.approve(channel)
    if begun:
        line.send(one, channel)
    database.close()
    shutil.copy(tmp_path / "pvd.sqlite", tmp_path / "copy.sqlite")
    line.send(one, channel)
    assert line.account(one).is_complete
    database.close()
    shutil.copy(tmp_path / "copy.sqlite", tmp_path / "pvd.sqlite")
    for leftover in tmp_path.glob("pvd.sqlite-*"):
        leftover.unlink()
    calls = len(channel.calls)
    with pytest.raises(ForeignSendError):
        line.send(one, channel)
    assert len(channel.calls) == calls
    database.close()


def test_the_same_database_always_knows_of_it(mailing):
    """Also when a person has made the refused or the unknown pending again."""
    channel = Scripted(members(BUSY, ACCEPTED), UNKNOWN)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.record()["dispatches"][0]["counts"]["refused"] == 1
    assert recovery.requeue_refused(mailing.office, mailing.find(one)) == 1
    mailing.send(one, channel)
    recovery.resolve_unknown(mailing.office, mailing.find(one), accepted=False, cause=None, resolver="")
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def test_a_decision_of_a_person_is_in_it(mailing):
    channel = Scripted(UNKNOWN)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    recovery.resolve_unknown(mailing.office, mailing.find(one), accepted=True, cause=None, resolver="Claire")
    assert mailing.record()["dispatches"][0]["counts"]["accepted"] == 4
    assert mailing.states(one) == {RecipientState.ACCEPTED: 4}


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"dispatches": [{}]}',
        b'{"dispatches": [{"dispatch": "001-000000", "calls": "many"}]}',
        b'{"dispatches": [{"dispatch": "001-000000", "calls": Infinity}]}',
        b'{"dispatches": 1}',
        b"[" * 100_000,
        None,
    ],
    ids=repr,
)
def test_a_damaged_one_is_told_in_words_and_nothing_leaves(mailing, damage):
    file = mailing.issue_workspace.folder / "sent.json"
    channel = Scripted()
    one = mailing.approve(channel)
    file.mkdir() if damage is None else file.write_bytes(damage)
    with pytest.raises(ForeignSendError, match=r"sent\.json cannot be read"):
        mailing.approve(channel)
    with pytest.raises(ForeignSendError, match=r"sent\.json cannot be read"):
        mailing.send(one, channel)
    assert channel.calls == []
    assert mailing.find(one).started_at is None


def test_where_it_cannot_be_written_nothing_leaves(mailing, monkeypatch):
    channel = Scripted()
    one = mailing.approve(channel)

    def full(self, target):
        del self, target
        raise OSError(28, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(SentFileUnwritableError, match="no space"):
            mailing.send(one, channel)
    assert channel.calls == []
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert json.loads((mailing.issue_workspace.folder / "sent.json").read_text("utf-8"))


def test_a_pipe_in_its_place_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / SENT_FILE)
    said = []

    def read():
        with pytest.raises(ForeignSendError) as caught:
            read_sent_file(tmp_path)
        said.append(str(caught.value))

    threading.Thread(target=read, daemon=True).start()
    until(lambda: said)
    assert "cannot be read" in said[0]


@pytest.mark.parametrize("where", ["publication", "dispatches"])
def test_one_that_no_file_can_hold_is_told_in_words_and_nothing_leaves(mailing, where):
    """Half a surrogate can be read, in an escape, and not be written again."""
    said = {"publication": "a", "number": 1, "dispatches": []}
    one = {"dispatch": "001-abcdef", "calls": 0, "letter": "\ud800"}
    said[where] = "\ud800" if where == "publication" else [one]
    (mailing.issue_workspace.folder / SENT_FILE).write_text(json.dumps(said), "utf-8")
    channel = Scripted()
    with pytest.raises(ForeignSendError, match="not a record"):
        mailing.send(mailing.approve(channel), channel)
    assert channel.calls == []
