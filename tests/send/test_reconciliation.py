"""An older database is put back: nothing leaves, nothing is forgotten, and whoever may have the letter is unknown."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from pvd_mailer.archive.letters import archived_letters
from pvd_mailer.database import open_database, schema
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.errors import PvdError
from pvd_mailer.journal import dispatches
from pvd_mailer.send.sent_file import SENT_FILE, ForeignSendError
from pvd_mailer.services.dispatches import control, recovery, sent_file_reconciliation
from pvd_mailer.services.dispatches.send_errors import SendStoppedError
from tests.send.line import Mailing, effective, readers, rows
from tests.send.scripted import ACCEPTED, BUSY, LOGIN, UNKNOWN, Scripted, members

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


@pytest.fixture
def older_database(mailing, tmp_path, request):
    """Gives the workspace on a copy of the database as it is at this moment."""
    opened = []

    def copy():
        # What one process keeps for itself is in the file then, and PostgreSQL copies nothing in use.
        mailing.database.close()
        if mailing.database.file:
            url = f"sqlite:///{tmp_path / f'copy{len(opened)}.sqlite'}"
            shutil.copy(mailing.database.file, tmp_path / f"copy{len(opened)}.sqlite")
        else:
            url = request.getfixturevalue("postgresql").fresh(mailing.database.engine.url.database)
        made = Mailing(mailing.issue_workspace, open_database(url, Path()))
        opened.append(made.database)
        return made

    yield copy
    for database in opened:
        database.close()


def reconcile(mailing):
    with sender_lock(mailing.database):
        return sent_file_reconciliation.reconcile_issue(mailing.database, mailing.folder)


def begun(mailing):
    """Two of the four have the letter, and the dispatch is paused."""
    channel = Scripted(ACCEPTED, LOGIN)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.find(one).state is DispatchState.PAUSED
    return one, channel


def test_the_record_tells_of_each_call_before_it_leaves(mailing):
    seen = []

    def look(_consignment):
        called = len(channel.calls)  # counted first: the other lanes call on while the record is read
        (told,) = mailing.record()["dispatches"]
        seen.append((told["calls"], called))
        return [(None, ACCEPTED)]

    mailing.join(*readers(20, 4))
    channel = Scripted(*[look] * 24, batch_size=1, concurrency=4)
    mailing.send(mailing.approve(channel), channel)
    assert len(seen) == 24
    assert all(told >= called for told, called in seen), seen


def test_a_copy_from_the_middle_of_a_run_is_refused_after_it(mailing):
    """However short the time between the two: what left in between is in the record."""
    taken = []

    def take(_consignment):
        if mailing.database.file:  # PostgreSQL copies nothing in use; the torture does so
            shutil.copytree(mailing.database.file.parent, mailing.issue_workspace.root / "taken")
            taken.append(mailing.issue_workspace.root / "taken" / mailing.database.file.name)
        return [(None, ACCEPTED)]

    class Killed(BaseException):
        """As a kill would end it: nothing is written down any more."""

    channel = Scripted(take, ACCEPTED, ACCEPTED, Killed(), batch_size=1)
    one = mailing.approve(channel)
    with pytest.raises(Killed):
        mailing.send(one, channel)
    before = (mailing.issue_workspace.folder / SENT_FILE).read_bytes()
    assert json.loads(before)["dispatches"][0]["calls"] == 4
    for file in taken:
        older = Mailing(mailing.issue_workspace, open_database(f"sqlite:///{file}", Path()))
        again = Scripted()
        with pytest.raises(ForeignSendError):
            older.send(one, again)
        assert again.calls == []
        older.database.close()


@pytest.mark.parametrize("what", ["resolve", "resend", "cancel", "retry", "schedule", "approve", "send"])
def test_no_command_changes_anything_on_an_older_copy(mailing, older_database, what):
    channel = Scripted(UNKNOWN, members(BUSY, ACCEPTED), LOGIN)
    mailing.join(*readers(2, 4))
    one = mailing.approve(channel)
    mailing.send(one, channel)
    older = older_database()
    mailing.send(one, channel)
    mailing.join(*readers(2, 6))
    second = mailing.approve(channel)
    mailing.send(second, channel)
    before, record = rows(older.database), (mailing.issue_workspace.folder / SENT_FILE).read_bytes()
    dispatch = older.find(one)
    again = Scripted()
    act = {
        "resolve": lambda: recovery.resolve_unknown(older.office, dispatch, accepted=True, cause=None, resolver=""),
        "resend": lambda: recovery.resolve_unknown(older.office, dispatch, accepted=False, cause=None, resolver=""),
        "cancel": lambda: control.cancel_dispatch(older.office, one),
        "retry": lambda: recovery.requeue_refused(older.office, dispatch),
        "schedule": lambda: control.schedule_dispatch(older.office, dispatch, dispatch.approved_at.replace(year=2090)),
        "approve": lambda: older.approve(again),
        "send": lambda: older.send(one, again),
    }
    with pytest.raises(ForeignSendError) as caught:
        act[what]()
    assert "reconcile 1" in caught.value.hint
    assert rows(older.database) == before
    assert (mailing.issue_workspace.folder / SENT_FILE).read_bytes() == record
    assert again.calls == []


def test_what_went_on_without_the_copy_is_unknown_and_nothing_is_sent(mailing, older_database):
    one, channel = begun(mailing)
    older = older_database()
    mailing.send(one, channel)
    done = reconcile(older)
    assert done.raised == {one: 2}
    assert older.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.UNKNOWN: 2}
    assert older.find(one).state is DispatchState.PAUSED
    calls = len(channel.calls)
    recovery.resolve_unknown(older.office, older.find(one), accepted=True, cause="restored", resolver="Claire")
    older.send(one, channel)
    assert len(channel.calls) == calls
    assert older.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def test_who_was_in_a_dispatch_that_the_copy_never_knew_is_not_written_to_again(mailing, older_database):
    one, channel = begun(mailing)
    older = older_database()
    mailing.send(one, channel)
    mailing.join(*readers(3, 4))
    second = mailing.approve(channel)
    mailing.send(second, channel)
    # The people of the second dispatch came to the older database by other ways: before it was reconciled, and after.
    older.join(*readers(2, 4))
    done = reconcile(older)
    assert done.adopted == {second: 2}
    assert older.find(second).state is DispatchState.CANCELLED
    recovery.resolve_unknown(older.office, older.find(one), accepted=True, cause=None, resolver="")
    older.send(one, channel)
    older.join(*readers(1, 6))
    with pytest.raises(PvdError, match="has this issue, may have it"):
        older.approve(channel)
    assert {told["dispatch"] for told in older.record()["dispatches"]} == {one, second}
    assert len(channel.reached) == len(set(channel.reached)) == 7


def test_a_person_may_say_that_nobody_has_the_letter_of_a_lost_dispatch(mailing, older_database):
    older = older_database()
    channel = Scripted(LOGIN)
    lost = mailing.approve(channel)
    mailing.send(lost, channel)
    told = older.record()["dispatches"][0]
    done = reconcile(older)
    assert done.recorded == {lost: (4, 0)}
    assert older.states(lost) == {RecipientState.UNKNOWN: 4}
    recovery.resolve_unknown(older.office, older.find(lost), accepted=False, cause=None, resolver="Claire")
    assert older.states(lost) == {RecipientState.REFUSED: 4}
    assert older.record()["dispatches"] == [told]  # what it knows of the lost dispatch, nobody else does
    older.join(*readers(1, 4))  # who came in later may have been in it: of them nobody has decided
    one = older.approve(channel)
    older.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY
    assert ("lost", 1) in [(cause, count) for (_state, cause, _why), count in older.account(one).reasons.items()]
    assert {told["dispatch"] for told in older.record()["dispatches"]} == {lost, one}


def test_an_older_copy_says_so_before_anybody_asks_it_to_send(mailing, older_database, run, monkeypatch):
    one, channel = begun(mailing)
    older = older_database()
    mailing.send(one, channel)
    monkeypatch.setenv("PVD_DATABASE_URL", older.database.engine.url.render_as_string(hide_password=False))
    older.database.close()
    for command in (("status",), ("send", "1", "--dry-run")):
        ran = run(*command)
        assert ran.code == 0
        assert "tells of more than the database knows" in ran.out + ran.err


def test_an_empty_database_takes_up_what_the_record_tells(mailing, tmp_path):
    channel = Scripted()
    one = mailing.approve(channel)
    mailing.send(one, channel)
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    new = open_database(url, Path())
    prepare_database(new)
    other = Mailing(mailing.issue_workspace, new)
    other.join(*readers(4))
    assert reconcile(other).adopted == {one: 4}
    with pytest.raises(PvdError, match="has this issue, may have it"):
        other.approve(channel)
    assert not reconcile(other)
    new.close()


def test_reconciling_what_agrees_changes_nothing(mailing):
    one, _channel = begun(mailing)
    before = rows(mailing.database)
    assert not reconcile(mailing)
    assert rows(mailing.database) == before
    assert mailing.find(one).state is DispatchState.PAUSED


def test_the_newer_database_is_refused_where_the_older_one_went_on(mailing, older_database):
    one, channel = begun(mailing)
    older = older_database()
    mailing.send(one, channel)
    reconcile(older)
    recovery.resolve_unknown(older.office, older.find(one), accepted=False, cause=None, resolver="")
    older.send(one, channel)  # on a person's word
    with pytest.raises(ForeignSendError):
        mailing.send(one, channel)


def test_a_record_that_came_along_with_a_copied_folder_is_told(mailing):
    channel = Scripted()
    one = mailing.approve(channel)
    said = {"publication": "petites-villes-de-demain", "number": 22, "dispatches": []}
    (mailing.issue_workspace.folder / SENT_FILE).write_text(json.dumps(said), "utf-8")
    with pytest.raises(ForeignSendError, match="is that of issue 22"):
        mailing.send(one, channel)
    assert channel.calls == []


def test_where_the_record_cannot_be_written_any_more_nothing_more_leaves(mailing, monkeypatch):
    """The disk is full in the middle of a run: whoever is left is pending, and the same command goes on."""
    real = Path.replace
    room = 3

    def replace(self, target):
        nonlocal room
        room -= Path(target).name == SENT_FILE
        if room < 0:
            raise OSError(28, "No space left on device")
        return real(self, target)

    channel = Scripted(batch_size=1)
    one = mailing.approve(channel)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(SendStoppedError, match="nothing more leaves"):
            mailing.send(one, channel)
    assert mailing.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 2}
    assert len(channel.reached) == 2
    mailing.send(one, channel)
    assert mailing.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def backed_up(mailing, run, monkeypatch):
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", "une phrase de passe assez longue")
    file = mailing.issue_workspace.root / "copy.age"
    assert run("backup", str(file)).code == 0
    return file


def test_a_restore_forgets_no_dispatch_and_leads_to_a_decision(mailing_commands, run, monkeypatch):
    """What `restore` and the account advise, one after the other, writes to nobody twice."""
    one, channel = begun(mailing_commands)
    file = backed_up(mailing_commands, run, monkeypatch)
    mailing_commands.send(one, channel)
    mailing_commands.join(*readers(2, 4))
    second = mailing_commands.approve(channel)
    mailing_commands.send(second, channel)
    mailing_commands.database.close()
    ran = run("restore", str(file), "--yes")
    assert ran.code == 0, ran.err
    assert f"Dispatch {second} of issue 1 is known from sent.json alone" in ran.out
    assert f"pvd-mailer recipients {one} --state unknown" in ran.out
    assert run("resolve", one, "--cause", "restored", "--assume", "accepted").code == 0
    mailing_commands.join(*readers(2, 4))
    calls = len(channel.calls)
    mailing_commands.send(one, channel)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        mailing_commands.approve(channel)
    assert len(channel.calls) == calls
    assert {told["dispatch"] for told in mailing_commands.record()["dispatches"]} == {one, second}


def test_an_approval_that_was_sent_after_the_backup_holds_its_people(mailing_commands, run, monkeypatch):
    channel = Scripted()
    one = mailing_commands.approve(channel)
    file = backed_up(mailing_commands, run, monkeypatch)
    mailing_commands.send(one, channel)
    mailing_commands.database.close()
    assert run("restore", str(file), "--yes").code == 0
    assert mailing_commands.find(one).state is DispatchState.VOID
    assert effective(mailing_commands.database, one) == dict.fromkeys(EVERYBODY, RecipientState.UNKNOWN)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        mailing_commands.approve(channel)
    assert run("resolve", one, "--resend").code == 0
    assert effective(mailing_commands.database, one) == dict.fromkeys(EVERYBODY, RecipientState.REFUSED)
    mailing_commands.send(mailing_commands.approve(channel), channel)


def test_a_lost_dispatch_is_no_letter_of_the_archive(mailing, older_database):
    older = older_database()
    channel = Scripted()
    lost = mailing.approve(channel)
    mailing.send(lost, channel)
    reconcile(older)
    recovery.resolve_unknown(older.office, older.find(lost), accepted=True, cause=None, resolver="")
    with older.database.read() as connection:
        assert archived_letters(connection) == []
        assert dispatches.find_dispatch(connection, lost).approval.from_record
        assert connection.scalar(select(schema.dispatches.c.calls).where(schema.dispatches.c.id == lost)) == 2
