"""The commands `backup`, `restore`, `upgrade` and `keys rotate`, as a person meets them; and what stops them."""

import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text

from pvd_mailer.database import open_database, schema
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.migrate import database_revision, known_revisions
from pvd_mailer.keys import load_keys, make_keys, write_keys
from pvd_mailer.tokens import Purpose, TokenSigner, read_token
from tests.database import later, rows
from tests.database.backup.test_archive import content

WORDS = "quatre mots sans rapport"

SCRIPT = f"""
import os
import signal
import sys
from importlib import import_module
{later.QUICK}


def die(*told, **more):
    os.kill(os.getpid(), signal.SIGKILL)


place = sys.argv[1]
if place:
    module, _, name = place.rpartition(".")
    setattr(import_module(module), name, die)
from pvd_mailer.cli import main

main(sys.argv[2:])
"""


@pytest.fixture
def killed_command(issue_workspace, on_database):
    """Run a command in a process of its own, which is killed where it comes to `place`; its envelopes are quick."""
    assert on_database

    def quick(*arguments, place="", **more):
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, place, *map(str, arguments)],
            cwd=issue_workspace.root,
            env=issue_workspace.environment(PVD_BACKUP_PASSPHRASE=WORDS),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            **more,
        )

    return quick


@pytest.fixture
def filled(database):
    """The database with people, an approval that is scheduled, and a dispatch on its way."""
    with database.write() as connection:
        rows.letter(connection)
        for number in range(30):
            rows.subscriber(connection, number)
        rows.dispatch(connection, "d1", state="running")
        rows.recipients(connection, rows.batch(connection, "accepted"), range(10))
        rows.recipients(connection, rows.batch(connection), range(10, 30))
        rows.dispatch(connection, "d2", state="approved", number=2, start_at=rows.NOON)
        batch = rows.batch(connection, "pending", "d2")
        rows.recipients(connection, batch, range(10), dispatch_id="d2", number=2)
    return database


def _spare(issue_workspace):
    folder = issue_workspace.root / "var" / "backups"
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def test_a_backup_is_restored(run, issue_workspace, filled, on_database, monkeypatch):
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", WORDS)
    file = issue_workspace.root / "one.age"
    made = run("backup", file)
    assert made.code == 0, made.err
    assert "30 subscribers, 2 dispatches" in made.out
    with filled.write() as connection:
        connection.execute(delete(schema.subscribers).where(schema.subscribers.c.ref == "r1"))
    asked = run("restore", file)
    assert asked.code == 2
    assert "--yes" in asked.err
    done = run("restore", file, "--yes")
    assert done.code == 0, done.err
    assert "1 approval is void, and no schedule is left: d2" in done.out
    assert "1 dispatch is paused: d1" in done.out
    assert "20 recipients may have been written to since the backup" in done.out
    assert len(_spare(issue_workspace)) == 1
    assert "29 subscribers" in done.out
    with filled.read() as connection:
        assert len(connection.execute(select(schema.subscribers.c.id)).all()) == 30
    assert WORDS not in made.out + made.err + done.out + done.err
    assert on_database


def test_without_a_passphrase_nothing_is_written(run, issue_workspace, filled, monkeypatch):
    monkeypatch.setenv("PVD_DATABASE_URL", f"sqlite:///{filled.file}" if filled.is_sqlite else _url(filled))
    for arguments in (("backup", "a.age"), ("restore", "a.age")):
        told = run(*arguments)
        assert told.code == 2
        assert "always encrypted" in told.err
        assert "PVD_BACKUP_PASSPHRASE" in told.err
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", "court")
    told = run("backup", "a.age")
    assert told.code == 2
    assert "12 characters or more" in told.err
    assert not (issue_workspace.root / "a.age").exists()


def _url(database):
    return database.engine.url.render_as_string(hide_password=False)


def test_nothing_is_restored_while_a_send_is_at_work(killed_command, filled, issue_workspace):
    assert killed_command("backup", "a.age").returncode == 0
    before = content(filled)
    with sender_lock(filled):
        told = killed_command("restore", "a.age", "--yes")
        assert killed_command("backup", "b.age").returncode == 0
    assert told.returncode == 3
    assert "another send is at work" in told.stderr
    assert content(filled) == before
    assert (issue_workspace.root / "b.age").exists()


@pytest.mark.parametrize(
    "place",
    [
        "pvd_mailer.database.backup.create.create_age_file",
        "pvd_mailer.database.backup.archive._json_value",
        "pvd_mailer.database.backup.create.read_backup",
        "pvd_mailer.database.backup.create._rename_new",
    ],
)
def test_a_kill_during_a_backup_leaves_none(killed_command, filled, issue_workspace, place):
    assert killed_command("backup", "a.age", place=place).returncode == -signal.SIGKILL
    assert not (issue_workspace.root / "a.age").exists()
    assert killed_command("backup", "a.age").returncode == 0
    assert len(content(filled)["subscribers"]) == 30


@pytest.mark.parametrize(
    "place",
    [
        "pvd_mailer.database.backup.restore._insert_rows",
        "pvd_mailer.database.backup.restore._advance_sequence",
        "pvd_mailer.database.backup.restore.quarantine_after_restore",
    ],
)
def test_a_kill_during_a_restore_leaves_what_was_there(killed_command, filled, issue_workspace, place):
    assert killed_command("backup", "a.age").returncode == 0
    with filled.write() as connection:
        connection.execute(delete(schema.subscribers))
    before = content(filled)
    assert killed_command("restore", "a.age", "--yes", place=place).returncode == -signal.SIGKILL
    assert content(filled) == before
    assert killed_command("restore", "a.age", "--yes").returncode == 0
    assert len(content(filled)["subscribers"]) == 30
    assert len(_spare(issue_workspace)) == 2


def test_a_kill_between_the_tables_and_the_keys_is_mended_by_another_restore(
    killed_command, filled, issue_workspace, monkeypatch
):
    own = issue_workspace.root.parent / "own.json"
    monkeypatch.setenv("PVD_KEYS", str(own))
    keys = load_keys(own)
    assert killed_command("backup", "a.age").returncode == 0
    write_keys(make_keys(), own)
    assert (
        killed_command("restore", "a.age", "--yes", place="pvd_mailer.database.backup.restore.restore_keys").returncode
        == -9
    )
    done = killed_command("restore", "a.age", "--yes")
    assert done.returncode == 0, done.stderr
    assert load_keys(own) == keys
    assert "it is kept as" in done.stdout
    assert len(content(filled)["subscribers"]) == 30


def test_a_backup_for_which_there_is_no_room_is_not_there(killed_command, filled, issue_workspace):
    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    told = killed_command("backup", "a.age", preexec_fn=small)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert "fault of the program" not in told.stderr
    assert list(issue_workspace.root.glob("*.age*")) == list(issue_workspace.root.glob(".*.new")) == []
    assert len(content(filled)["subscribers"]) == 30


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # elsewhere it is the server that writes
def test_a_restore_for_which_there_is_no_room_leaves_what_was_there(killed_command, database):
    with database.write() as connection:
        for number in range(3000):
            rows.subscriber(connection, number)
    assert killed_command("backup", "a.age").returncode == 0
    with database.write() as connection:
        connection.execute(delete(schema.subscribers))
        rows.subscriber(connection, 1)
    database.close()
    before = content(database)
    size = database.file.stat().st_size

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 4, size // 4))

    told = killed_command("restore", "a.age", "--yes", preexec_fn=small)
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert "fault of the program" not in told.stderr
    assert content(database) == before
    assert killed_command("restore", "a.age", "--yes").returncode == 0
    assert len(content(database)["subscribers"]) == 3000


def test_an_upgrade_backs_up_first_and_a_kill_in_its_middle_leaves_the_old_tables(
    filled, issue_workspace, on_database, tmp_path
):
    scripts = later.add(tmp_path, known_revisions()[-1])
    assert on_database

    def run(*arguments, **more):
        return subprocess.run(
            later.command(scripts, *arguments),
            cwd=issue_workspace.root,
            env=issue_workspace.environment(PVD_BACKUP_PASSPHRASE=WORDS, **more),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    old = run("status")
    assert old.returncode == 3
    assert "pvd-mailer upgrade" in old.stderr
    assert run("upgrade", DIE_BETWEEN="1").returncode == -signal.SIGKILL
    assert database_revision(filled) == known_revisions()[-1]
    with sender_lock(filled):
        busy = run("upgrade")
    assert busy.returncode == 3
    assert "another send is at work" in busy.stderr
    done = run("upgrade", "--backup", "before.age")
    assert done.returncode == 0, done.stderr
    assert "0900" in done.stdout
    assert database_revision(filled) == "0900"
    assert len(_spare(issue_workspace)) == 1  # of the one that was killed
    with filled.write() as connection:
        connection.execute(text("DELETE FROM subscribers"))
    back = run("restore", "before.age", "--yes")
    assert back.returncode == 0, back.stderr
    assert database_revision(filled) == "0900"
    assert len(content(filled)["subscribers"]) == 30


def test_an_upgrade_with_nothing_to_do_asks_for_nothing(run, database, on_database):
    told = run("upgrade")
    assert (told.code, told.err) == (0, "")
    assert "nothing to do" in told.out
    assert not database.is_sqlite or str(database.file) in on_database


def test_an_empty_database_has_nothing_to_back_up(run, issue_workspace, monkeypatch):
    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", WORDS)
    told = run("backup", "a.age")
    assert told.code == 2
    assert "there is nothing to back up" in told.err
    assert not (issue_workspace.root / "var").exists() or not list((issue_workspace.root / "var").glob("*.sqlite"))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("filled")
def test_a_backup_moves_from_sqlite_to_postgresql(issue_workspace, postgresql, killed_command, monkeypatch):
    assert killed_command("backup", "a.age").returncode == 0
    url = postgresql.fresh()
    monkeypatch.setenv("PVD_DATABASE_URL", url)
    done = killed_command("restore", "a.age")
    assert done.returncode == 0, done.stderr
    assert _spare(issue_workspace) == []
    moved = open_database(url, Path())
    assert len(content(moved)["subscribers"]) == 30
    moved.close()
    postgresql.drop(url)


def test_a_backup_of_a_database_that_is_written_to_adds_up(killed_command, database, issue_workspace):
    """Each transaction adds one person who left and one who is here: at every moment they are as many."""
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set() and number < 4000:
            with database.write() as connection:
                rows.subscriber(connection, number)
                rows.subscriber(connection, number + 1, state="unsubscribed")
            number += 2

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [killed_command("backup", f"{number}.age") for number in range(2)]
    finally:
        stop.set()
        writer.join()
    assert [one.returncode for one in made] == [0] * 2
    for number in range(2):
        done = killed_command("restore", f"{number}.age", "--yes")
        assert done.returncode == 0, done.stderr
        states = [row.state for row in content(database)["subscribers"]]
        # Those who left after the backup stay away: of each pair, both came at once.
        assert len(states) % 2 == 0
        assert states.count("unsubscribed") == states.count("subscribed")
    assert issue_workspace


def test_a_rotation_adds_a_key_and_links_live_on(run, issue_workspace, monkeypatch):
    file = issue_workspace.root.parent / "the keys.json"
    monkeypatch.setenv("PVD_KEYS", str(file))
    before = load_keys(file)
    token = TokenSigner(before, Purpose.UNSUBSCRIBE).sign("r1")
    told = run("keys", "rotate")
    assert told.code == 0
    assert "1 older key still opens" in told.out
    after = load_keys(file)
    assert read_token(after, Purpose.UNSUBSCRIBE, token) == "r1"
    assert len(after.signing) == 2
    assert not any(key in told.out + told.err for key in (*after.signing, after.opposition))


def test_a_backup_without_the_right_key_says_so(run, filled, on_database, monkeypatch, issue_workspace):
    from pvd_mailer.database.key_binding import ensure_same_keys  # noqa: PLC0415 - for this alone

    monkeypatch.setenv("PVD_BACKUP_PASSPHRASE", WORDS)
    ensure_same_keys(filled, make_keys())
    told = run("backup", "a.age")
    assert told.code == 0
    assert "The backup is without it" in told.err
    assert (issue_workspace.root / "a.age").exists()
    assert on_database
