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
from tests.send.line import Line, effective, readers, rows
from tests.send.scripted import ACCEPTED, BUSY, LOGIN, UNKNOWN, Scripted, members

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


@pytest.fixture
def copy(line, tmp_path, request):
    """Gives the workspace on a copy of the database as it is at this moment."""
    opened = []

    def copy():
        line.database.close()  # what one process keeps for itself is in the file, and PostgreSQL copies nothing in use
        if line.database.file:
            url = f"sqlite:///{tmp_path / f'copy{len(opened)}.sqlite'}"
            shutil.copy(line.database.file, tmp_path / f"copy{len(opened)}.sqlite")
        else:
            url = request.getfixturevalue("postgresql").fresh(line.database.engine.url.database)
        made = Line(line.desk, open_database(url, Path()))
        opened.append(made.database)
        return made

    yield copy
    for database in opened:
        database.close()


def reconcile(line):
    with sender_lock(line.database):
        return sent_file_reconciliation.reconcile_issue(line.database, line.folder)


def begun(line):
    """Two of the four have the letter, and the dispatch is paused."""
    channel = Scripted(ACCEPTED, LOGIN)
    one = line.approve(channel)
    line.send(one, channel)
    assert line.find(one).state is DispatchState.PAUSED
    return one, channel


def test_the_record_tells_of_each_call_before_it_leaves(line):
    seen = []

    def look(_consignment):
        (told,) = line.record()["dispatches"]
        seen.append((told["calls"], len(channel.calls)))
        return [(None, ACCEPTED)]

    line.join(*readers(20, 4))
    channel = Scripted(*[look] * 24, batch_size=1, concurrency=4)
    line.send(line.approve(channel), channel)
    assert len(seen) == 24
    assert all(told >= called for told, called in seen), seen


def test_a_copy_from_the_middle_of_a_run_is_refused_after_it(line):
    """However short the time between the two: what left in between is in the record."""
    taken = []

    def take(_consignment):
        if line.database.file:  # PostgreSQL copies nothing in use; the torture does so
            shutil.copytree(line.database.file.parent, line.desk.root / "taken")
            taken.append(line.desk.root / "taken" / line.database.file.name)
        return [(None, ACCEPTED)]

    class Killed(BaseException):
        """As a kill would end it: nothing is written down any more."""

    channel = Scripted(take, ACCEPTED, ACCEPTED, Killed(), batch_size=1)
    one = line.approve(channel)
    with pytest.raises(Killed):
        line.send(one, channel)
    before = (line.desk.folder / SENT_FILE).read_bytes()
    assert json.loads(before)["dispatches"][0]["calls"] == 4
    for file in taken:
        older = Line(line.desk, open_database(f"sqlite:///{file}", Path()))
        again = Scripted()
        with pytest.raises(ForeignSendError):
            older.send(one, again)
        assert again.calls == []
        older.database.close()


@pytest.mark.parametrize("what", ["resolve", "resend", "cancel", "retry", "schedule", "approve", "send"])
def test_no_command_changes_anything_on_an_older_copy(line, copy, what):
    channel = Scripted(UNKNOWN, members(BUSY, ACCEPTED), LOGIN)
    line.join(*readers(2, 4))
    one = line.approve(channel)
    line.send(one, channel)
    older = copy()
    line.send(one, channel)
    line.join(*readers(2, 6))
    second = line.approve(channel)
    line.send(second, channel)
    before, record = rows(older.database), (line.desk.folder / SENT_FILE).read_bytes()
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
    assert (line.desk.folder / SENT_FILE).read_bytes() == record
    assert again.calls == []


def test_what_went_on_without_the_copy_is_unknown_and_nothing_is_sent(line, copy):
    one, channel = begun(line)
    older = copy()
    line.send(one, channel)
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


def test_who_was_in_a_dispatch_that_the_copy_never_knew_is_not_written_to_again(line, copy):
    one, channel = begun(line)
    older = copy()
    line.send(one, channel)
    line.join(*readers(3, 4))
    second = line.approve(channel)
    line.send(second, channel)
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


def test_a_person_may_say_that_nobody_has_the_letter_of_a_lost_dispatch(line, copy):
    older = copy()
    channel = Scripted(LOGIN)
    lost = line.approve(channel)
    line.send(lost, channel)
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


def test_an_older_copy_says_so_before_anybody_asks_it_to_send(line, copy, run, monkeypatch):
    one, channel = begun(line)
    older = copy()
    line.send(one, channel)
    monkeypatch.setenv("PVD_DATABASE_URL", older.database.engine.url.render_as_string(hide_password=False))
    older.database.close()
    for command in (("status",), ("send", "1", "--dry-run")):
        ran = run(*command)
        assert ran.code == 0
        assert "tells of more than the database knows" in ran.out + ran.err


def test_an_empty_database_takes_up_what_the_record_tells(line, tmp_path):
    channel = Scripted()
    one = line.approve(channel)
    line.send(one, channel)
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    new = open_database(url, Path())
    prepare_database(new)
    other = Line(line.desk, new)
    other.join(*readers(4))
    assert reconcile(other).adopted == {one: 4}
    with pytest.raises(PvdError, match="has this issue, may have it"):
        other.approve(channel)
    assert not reconcile(other)
    new.close()


def test_reconciling_what_agrees_changes_nothing(line):
    one, _channel = begun(line)
    before = rows(line.database)
    assert not reconcile(line)
    assert rows(line.database) == before
    assert line.find(one).state is DispatchState.PAUSED


def test_the_newer_database_is_refused_where_the_older_one_went_on(line, copy):
    one, channel = begun(line)
    older = copy()
    line.send(one, channel)
    reconcile(older)
    recovery.resolve_unknown(older.office, older.find(one), accepted=False, cause=None, resolver="")
    older.send(one, channel)  # on a person's word
    with pytest.raises(ForeignSendError):
        line.send(one, channel)


def test_a_record_that_came_along_with_a_copied_folder_is_told(line):
    channel = Scripted()
    one = line.approve(channel)
    said = {"publication": "petites-villes-de-demain", "number": 22, "dispatches": []}
    (line.desk.folder / SENT_FILE).write_text(json.dumps(said), "utf-8")
    with pytest.raises(ForeignSendError, match="is that of issue 22"):
        line.send(one, channel)
    assert channel.calls == []


def test_where_the_record_cannot_be_written_any_more_nothing_more_leaves(line, monkeypatch):
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
    one = line.approve(channel)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(SendStoppedError, match="nothing more leaves"):
            line.send(one, channel)
    assert line.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.PENDING: 2}
    assert len(channel.reached) == 2
    line.send(one, channel)
    assert line.account(one).is_complete
    assert sorted(channel.reached) == EVERYBODY


def backed_up(line, run, monkeypatch):
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", "une phrase de passe assez longue")
    file = line.desk.root / "copy.age"
    assert run("backup", str(file)).code == 0
    return file


def test_a_restore_forgets_no_dispatch_and_leads_to_a_decision(seated, run, monkeypatch):
    """What `restore` and the account advise, one after the other, writes to nobody twice."""
    one, channel = begun(seated)
    file = backed_up(seated, run, monkeypatch)
    seated.send(one, channel)
    seated.join(*readers(2, 4))
    second = seated.approve(channel)
    seated.send(second, channel)
    seated.database.close()
    ran = run("restore", str(file), "--yes")
    assert ran.code == 0, ran.err
    assert f"Dispatch {second} of issue 1 is known from sent.json alone" in ran.out
    assert f"pvd-mailer recipients {one} --state unknown" in ran.out
    assert run("resolve", one, "--cause", "restored", "--assume", "accepted").code == 0
    seated.join(*readers(2, 4))
    calls = len(channel.calls)
    seated.send(one, channel)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        seated.approve(channel)
    assert len(channel.calls) == calls
    assert {told["dispatch"] for told in seated.record()["dispatches"]} == {one, second}


def test_an_approval_that_was_sent_after_the_backup_holds_its_people(seated, run, monkeypatch):
    channel = Scripted()
    one = seated.approve(channel)
    file = backed_up(seated, run, monkeypatch)
    seated.send(one, channel)
    seated.database.close()
    assert run("restore", str(file), "--yes").code == 0
    assert seated.find(one).state is DispatchState.VOID
    assert effective(seated.database, one) == dict.fromkeys(EVERYBODY, RecipientState.UNKNOWN)
    with pytest.raises(PvdError, match="has this issue, may have it"):
        seated.approve(channel)
    assert run("resolve", one, "--resend").code == 0
    assert effective(seated.database, one) == dict.fromkeys(EVERYBODY, RecipientState.REFUSED)
    seated.send(seated.approve(channel), channel)


def test_a_lost_dispatch_is_no_letter_of_the_archive(line, copy):
    older = copy()
    channel = Scripted()
    lost = line.approve(channel)
    line.send(lost, channel)
    reconcile(older)
    recovery.resolve_unknown(older.office, older.find(lost), accepted=True, cause=None, resolver="")
    with older.database.read() as connection:
        assert archived_letters(connection) == []
        assert dispatches.find_dispatch(connection, lost).approval.from_record
        assert connection.scalar(select(schema.dispatches.c.calls).where(schema.dispatches.c.id == lost)) == 2
