"""The disk is full, the database locked, its server gone: words, exit code 3, nothing lost, and it goes on later."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import dispatches
from pvd_mailer.services.dispatches.send_errors import SendStoppedError
from tests.send.line import Mailing, addressed, readers
from tests.send.scripted import ACCEPTED, Scripted
from tests.servers.postgres import START_SECONDS, binaries, cluster
from tests.servers.postgres import _wait as wait_for_server

EVERYBODY = [f"lecteur{number}@ville.test" for number in range(4)]
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
from pvd_mailer.cli import main
main(sys.argv[2:])
"""


def limited(issue_workspace, size, *arguments):
    """Run a command in a process no file of which grows past `size` bytes."""
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), *arguments],
        cwd=issue_workspace.root,
        env=issue_workspace.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def sqlite_mailing(issue_workspace, tmp_path, monkeypatch):
    """A line on SQLite."""
    file = tmp_path / "base" / "pvd.sqlite"
    monkeypatch.setenv("PVD_DATABASE_URL", f"sqlite:///{file}")
    database = open_database(None, file)
    prepare_database(database)
    yield Mailing(issue_workspace, database)
    database.close()


def settle_all(run, mailing):
    """What a person does afterwards: whoever is unknown is sent to again. The outbox knows what it has."""
    for _ in range(2):
        assert run("send", "1").code in (0, 4)
        with mailing.database.read() as connection:
            (one,) = dispatches.dispatches_of_issue(connection, 1)
        run("resolve", one.id, "--resend")
    return one.id


def test_a_database_with_no_room_left_stops_a_send_in_words(sqlite_mailing, run, issue_workspace):
    sqlite_mailing.join(*readers(60))
    assert run("approve", "1", "--audience", "all", "--by", "Claire", "--channel", "outbox").code == 0
    sqlite_mailing.database.close()
    ran = limited(issue_workspace, 150_000, "send", "1")
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "database" in ran.stderr
    assert "space" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "fault of the program" not in ran.stderr
    counts = re.search(r"(\d+) of 60 accepted, (\d+) unknown, (\d+) still to send", ran.stderr)
    assert counts, ran.stderr
    assert sum(map(int, counts.groups())) == 60
    assert re.search(r"Then go on: pvd-mailer resume 001-[0-9a-f]{6}", ran.stderr)
    taken = len(addressed(issue_workspace))
    assert taken < 60
    told = sqlite_mailing.account(settle_all(run, sqlite_mailing))
    assert told.states == {RecipientState.ACCEPTED: 60}
    assert len(addressed(issue_workspace)) == len(set(addressed(issue_workspace))) == 60


def test_an_approval_for_which_there_is_no_room_is_none(sqlite_mailing, issue_workspace, run):
    sqlite_mailing.join(*readers(3000))
    sqlite_mailing.database.close()
    ran = limited(issue_workspace, 400_000, "approve", "1", "--audience", "all", "--by", "Claire")
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert "fault of the program" not in ran.stderr
    assert run("send", "1").code == 2
    with sqlite_mailing.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM recipients").scalar() == 0
    assert run("approve", "1", "--audience", "all", "--by", "Claire").code == 0


def test_a_full_outbox_stops_without_an_unknown_and_goes_on(sqlite_mailing, run, issue_workspace):
    sqlite_mailing.join(*readers(3))
    run("approve", "1", "--audience", "all", "--by", "Claire")
    new = issue_workspace.root / "var" / "outbox" / "new"
    new.mkdir(parents=True)
    (issue_workspace.root / "var" / "outbox" / "tmp").write_text("in the way", "utf-8")
    ran = run("send", "1")
    assert ran.code == 5
    assert "this machine could not write" in ran.out
    (issue_workspace.root / "var" / "outbox" / "tmp").unlink()
    with sqlite_mailing.database.read() as connection:
        (one,) = dispatches.dispatches_of_issue(connection, 1)
    assert sqlite_mailing.states(one.id) == {RecipientState.PENDING: 3}
    assert run("resume", one.id).code == 0
    assert len(addressed(issue_workspace)) == 3


def locked(file):
    """Somebody who writes into the database and does not end."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    return connection


@pytest.fixture
def short_patience(monkeypatch):
    """Nobody waits long for a lock."""
    monkeypatch.setattr("pvd_mailer.database.engine.BUSY_SECONDS", 0.1)
    monkeypatch.setattr("pvd_mailer.send.journal_retry.WRITE_ATTEMPTS", 2)


@pytest.mark.usefixtures("short_patience")
def test_a_locked_database_refuses_every_command_that_writes_in_words(sqlite_mailing, run):
    sqlite_mailing.join(*readers(3))
    run("approve", "1", "--audience", "all", "--by", "Claire")
    other = locked(sqlite_mailing.database.file)
    try:
        for arguments in (["approve", "1", "--audience", "all", "--by", "Claire"], ["send", "1"]):
            ran = run(*arguments)
            assert ran.code == 3
            assert "in use by another program" in ran.err
            assert "Traceback" not in ran.err
        assert run("status").code == 0
        assert run("send", "1", "--dry-run").code == 0
    finally:
        other.close()
    assert run("send", "1").code == 0
    assert len(addressed(sqlite_mailing.issue_workspace)) == 3


@pytest.mark.usefixtures("short_patience")
def test_a_database_that_is_locked_in_the_middle_loses_nobody(issue_workspace, tmp_path):
    database = open_database(None, tmp_path / "pvd.sqlite")
    prepare_database(database)
    line = Mailing(issue_workspace, database)
    line.join(*readers(6))
    channel = Scripted()
    held = []

    def lock(_consignment):
        held.append(locked(database.file))
        return [(None, ACCEPTED)]

    channel.script.extend([ACCEPTED, lock])
    one = line.approve(channel)
    with pytest.raises(SendStoppedError, match="in use by another program"):
        line.send(one, channel)
    held[0].close()
    assert line.states(one) == {RecipientState.ACCEPTED: 2, RecipientState.SENDING: 2, RecipientState.PENDING: 2}
    line.send(one, channel)
    assert line.states(one) == {RecipientState.ACCEPTED: 4, RecipientState.UNKNOWN: 2}
    assert len(channel.reached) == len(set(channel.reached)) == 6
    database.close()


@pytest.mark.usefixtures("short_patience")
def test_a_lock_that_goes_away_costs_nothing_and_is_in_the_log(issue_workspace, tmp_path, monkeypatch, caplog):
    caplog.set_level("INFO", "pvd_mailer.send")
    monkeypatch.setattr("pvd_mailer.send.journal_retry.WRITE_ATTEMPTS", 5)
    database = open_database(None, tmp_path / "pvd.sqlite")
    prepare_database(database)
    line = Mailing(issue_workspace, database)
    line.join(*readers(4))
    channel = Scripted()
    held = []

    def lock(_consignment):
        held.append(locked(database.file))
        return [(None, ACCEPTED)]

    monkeypatch.setattr("pvd_mailer.send.journal_retry.time.sleep", lambda _seconds: held[0].close())
    channel.script.append(lock)
    one = line.approve(channel)
    line.send(one, channel)
    assert line.account(one).is_complete
    assert caplog.messages == [
        "The journal cannot be written (OperationalError); attempt 1 of 5, the next one in 0.4 s"
    ]
    database.close()


@pytest.fixture
def postgresql_server():
    """A PostgreSQL of one's own, to be stopped."""
    if binaries() is None:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("PostgreSQL is missing on this machine")
    with cluster() as made:
        yield made


def test_a_database_server_that_stops_in_the_middle_loses_nobody(issue_workspace, postgresql_server, monkeypatch, run):
    monkeypatch.setattr("pvd_mailer.send.journal_retry.WRITE_ATTEMPTS", 2)
    url = postgresql_server.fresh()
    monkeypatch.setenv("PVD_DATABASE_URL", url)
    database = open_database(url, Path())
    prepare_database(database)
    line = Mailing(issue_workspace, database)
    line.join(*readers(6))
    channel = Scripted()

    def stop(_consignment):
        postgresql_server.process.send_signal(signal.SIGINT)
        postgresql_server.process.wait(START_SECONDS)
        return [(None, ACCEPTED)]

    channel.script.extend([ACCEPTED, stop])
    one = line.approve(channel)
    with pytest.raises(SendStoppedError, match="cannot be reached") as caught:
        line.send(one, channel)
    assert caught.value.exit_code == 3
    ran = run("status")
    assert (ran.code, "cannot be reached" in ran.err, "Traceback" in ran.err) == (3, True, False)
    again = subprocess.Popen(
        postgresql_server.process.args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path("/")
    )
    try:
        postgresql_server.process = again
        wait_for_server(postgresql_server, Path("/"))
        line.send(one, channel)
        assert line.states(one) == {RecipientState.ACCEPTED: 4, RecipientState.UNKNOWN: 2}
        assert len(channel.reached) == len(set(channel.reached)) == 6
        database.close()
    finally:
        again.send_signal(signal.SIGQUIT)
        again.wait(START_SECONDS)


def test_a_sender_whose_lock_is_lost_pauses(mailing, request):
    if mailing.database.is_sqlite:
        return
    server = request.getfixturevalue("postgresql")
    channel = Scripted(batch_size=1)

    def cut(_consignment):
        server.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pvd-mailer sender'"
        )
        import time  # noqa: PLC0415 - the lock is looked at four times a second

        time.sleep(0.6)
        return [(None, ACCEPTED)]

    channel.script.append(cut)
    one = mailing.approve(channel)
    mailing.send(one, channel)
    assert mailing.find(one).state is DispatchState.PAUSED
    assert mailing.find(one).paused_why == "lock-lost"
    mailing.send(one, channel)
    assert sorted(channel.reached) == EVERYBODY
