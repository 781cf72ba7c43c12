"""A send at a set moment: in the publication's zone, by `run-due` or by waiting, and never long after."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from pvd_mailer import clock
from pvd_mailer.database.states import DispatchState
from pvd_mailer.journal import dispatches
from pvd_mailer.services.dispatches import control, selection
from tests.send.line import addressed, rows, sqlite_at
from tests.send.scripted import Scripted
from tests.workspace import ISSUE

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]


@pytest.fixture
def database_url(tmp_path):
    """SQLite alone: what is looked at here asks little of a database."""
    return sqlite_at(tmp_path)


@pytest.fixture
def set_clock(monkeypatch):
    """Set the clock, in UTC."""

    def at(text):
        then = datetime.fromisoformat(text).replace(tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: then)

    at("2026-11-20T10:00")
    return at


@pytest.fixture
def approved(mailing_commands, run, set_clock):
    """An approved rehearsal of today, the 20th of November."""
    del set_clock
    assert run("approve", "1", "--audience", "all", "--by", "Claire").code == 0
    return mailing_commands


def state(run):
    return json.loads(run("status", "--format", "json").out)["dispatches"][-1]


def test_the_moment_is_meant_in_the_publications_zone(approved, run, set_clock):
    ran = run("send", "1", "--at", "2026-12-03T09:00")
    assert ran.code == 0, ran.err
    assert "2026-12-03 09:00 (Europe/Paris)" in ran.out
    assert "run-due" in ran.out
    assert state(run)["start_at"] == "2026-12-03T08:00:00+00:00"
    set_clock("2026-12-03T07:59")
    assert run("run-due") == type(ran)(0, "", "")
    assert state(run)["state"] == "approved"
    set_clock("2026-12-03T08:00")
    assert run("run-due").code == 0
    assert addressed(approved.issue_workspace) == EVERYBODY
    assert run("run-due") == type(ran)(0, "", "")


def test_a_moment_with_its_own_offset_is_that_moment(approved, run):
    del approved
    assert run("send", "1", "--at", "2026-12-03T09:00+00:00").code == 0
    assert state(run)["start_at"] == "2026-12-03T09:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027-03-28T02:30", "the clocks skip"),
        ("2026-11-20T10:59", "that moment has passed"),
        ("2020-01-01T00:00", "that moment has passed"),
        ("2026-12-03", "is not a day and an hour"),
        ("2026-W49-4", "is not a day and an hour"),
        ("tomorrow", "is not a day and an hour"),
        ("09:00", "is not a day and an hour"),
        ("2026-02-30T09:00", "is not a day and an hour"),
        ("", "is not a day and an hour"),
    ],
)
def test_a_moment_that_is_none_is_refused_in_words(approved, run, text, said):
    before = rows(approved.database)
    ran = run("send", "1", "--at", text)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert rows(approved.database) == before


def test_a_start_more_than_six_hours_late_wants_a_word(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    set_clock("2026-12-03T14:00:01")
    ran = run("run-due")
    assert ran.code == 1
    assert "more than 6 hours ago" in ran.err
    assert "--late" in ran.err
    assert run("send", "1").code == 1
    assert state(run)["state"] == "approved"
    assert run("run-due", "--late").code == 0
    assert addressed(approved.issue_workspace) == EVERYBODY


def test_a_start_less_than_six_hours_late_wants_none(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    set_clock("2026-12-03T14:00")
    assert run("run-due").code == 0
    assert addressed(approved.issue_workspace) == EVERYBODY


def test_what_was_edited_since_it_was_set_is_void_when_it_is_due(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    approved.issue_workspace.write(ISSUE.replace("Un texte", "Un autre texte"))
    set_clock("2026-12-03T08:01")
    ran = run("run-due")
    assert ran.code == 1
    assert "issue.yaml was edited" in ran.err
    assert state(run)["state"] == "void"
    assert run("run-due").code == 0
    assert not (approved.issue_workspace.root / "var" / "outbox" / "new").exists()


def test_another_moment_takes_the_place_of_the_first(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    run("send", "1", "--at", "2026-12-04T09:00")
    set_clock("2026-12-03T09:00")
    assert run("run-due").out == ""
    assert state(run)["start_at"] == "2026-12-04T08:00:00+00:00"
    assert approved


def test_an_approval_that_took_the_place_of_one_that_was_set_is_not_set(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    run("approve", "1", "--audience", "all", "--by", "Claire")
    set_clock("2026-12-03T09:00")
    assert run("run-due") == type(run("status"))(0, "", "")
    assert not (approved.issue_workspace.root / "var" / "outbox" / "new").exists()


def test_what_has_begun_cannot_be_set_for_later(approved, run):
    assert run("send", "1").code == 0
    ran = run("send", "1", "--at", "2026-12-03T09:00")
    assert (ran.code, "has begun already" in ran.err) == (2, True)
    assert approved


def test_an_issue_whose_folder_is_gone_is_told_and_the_others_leave(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    approved.issue_workspace.folder.rename(approved.issue_workspace.root / "issues" / "archives")
    set_clock("2026-12-03T08:01")
    ran = run("run-due")
    assert ran.code == 2
    assert "there is no issue 1" in ran.err
    assert state(run)["state"] == "approved"


def test_due_as_json_stands_alone(approved, run, set_clock):
    assert json.loads(run("run-due", "--format", "json").out) == {"dispatches": []}
    run("send", "1", "--at", "2026-12-03T09:00")
    set_clock("2026-12-03T08:01")
    (told,) = json.loads(run("run-due", "--format", "json").out)["dispatches"]
    assert told["states"]["accepted"] == 4
    assert approved


def test_to_wait_for_no_moment_is_wrong_usage_and_not_now(approved, run):
    assert run("send", "1", "--wait").code == 2
    assert not (approved.issue_workspace.root / "var" / "outbox" / "new").exists()


def test_to_wait_is_to_send_when_the_moment_comes(mailing, run, on_database, monkeypatch):
    del on_database
    run("approve", "1", "--audience", "all", "--by", "Claire")
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        then = clock.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: then)

    monkeypatch.setattr("time.sleep", sleep)
    start = (clock.now() + timedelta(seconds=60)).astimezone(UTC).isoformat(timespec="seconds")
    ran = run("send", "1", "--at", start, "--wait")
    assert ran.code == 0, ran.err
    assert "Waiting until" in ran.err
    assert 50 < sum(slept) < 61
    assert addressed(mailing.issue_workspace) == EVERYBODY


def test_a_computer_that_slept_through_the_moment_does_not_send_when_it_wakes(mailing, run, on_database, monkeypatch):
    del on_database
    run("approve", "1", "--audience", "all", "--by", "Claire")

    def sleep(_seconds):
        then = clock.now() + timedelta(days=2)
        monkeypatch.setattr(clock, "now", lambda: then)

    monkeypatch.setattr("time.sleep", sleep)
    start = (clock.now() + timedelta(seconds=60)).astimezone(UTC).isoformat(timespec="seconds")
    ran = run("send", "1", "--at", start, "--wait")
    assert (ran.code, "more than 6 hours ago" in ran.err) == (1, True)
    assert not (mailing.issue_workspace.root / "var" / "outbox" / "new").exists()


def test_a_clock_that_is_set_back_after_the_start_sends_nobody_twice(mailing, set_clock):
    channel = Scripted()
    one = mailing.approve(channel)
    control.schedule_dispatch(mailing.office, mailing.find(one), datetime(2026, 12, 3, 8, tzinfo=UTC))
    set_clock("2026-12-03T08:01")
    assert [due.id for due in selection.due_dispatches(mailing.office)] == [one]
    mailing.send(one, channel)
    set_clock("2026-12-03T07:00")
    assert selection.due_dispatches(mailing.office) == []
    mailing.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY
    assert mailing.find(one).state is DispatchState.FINISHED


def test_a_send_that_is_set_does_not_leave_earlier_unless_somebody_says_so(approved, run):
    assert run("send", "1", "--at", "2026-12-03T09:00").code == 0
    ran = run("send", "1")
    assert ran.code == 2
    assert "2026-12-03 09:00" in ran.err
    assert "--yes" in ran.err
    assert state(run)["state"] == "approved"
    assert run("send", "1", "--yes").code == 0
    assert addressed(approved.issue_workspace) == EVERYBODY


def test_what_was_set_and_stopped_on_the_way_is_gone_on_with(approved, run, set_clock):
    run("send", "1", "--at", "2026-12-03T09:00")
    set_clock("2026-12-03T08:00")
    dispatch = selection.select_dispatch(approved.office, approved.folder)
    with approved.database.write() as connection:  # a sender that was killed before its first call
        assert dispatches.take_over_dispatch(connection, dispatch.id, "a sender", clock.now())
    set_clock("2026-12-03T14:30")
    assert run("run-due").out == ""  # too long ago to go on without asking
    set_clock("2026-12-03T13:30")
    assert run("run-due").code == 0
    assert addressed(approved.issue_workspace) == EVERYBODY


def test_a_dry_run_says_that_an_edit_would_stop_the_send(approved, run):
    assert json.loads(run("send", "1", "--dry-run", "--format", "json").out)["changes"] == []
    approved.issue_workspace.write(ISSUE + "# an edit\n")
    ran = run("send", "1", "--dry-run")
    assert ran.code == 0
    assert "would not leave" in ran.out
    assert "issue.yaml was edited" in ran.out
    assert state(run)["state"] == "approved"
