"""The tables are made and brought up to date as a whole, or not at all."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import IntegrityError

from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import (
    MIGRATION_FOLDERS,
    ForeignDatabaseError,
    NewerDatabaseError,
    OutdatedDatabaseError,
    database_revision,
    known_revisions,
    migrate,
    prepare_database,
    upgrade_database,
)
from pvd_mailer.database.schema import metadata
from tests.database import later, rows
from tests.workspace import environment


@pytest.fixture
def empty(empty_url):
    """An open database with nothing in it."""
    opened = open_database(empty_url, Path())
    yield opened
    opened.close()


@pytest.fixture
def next_year(request, tmp_path, monkeypatch):
    """Make this program one version newer than `database`."""
    request.getfixturevalue("database")  # made before
    scripts = later.add(tmp_path, known_revisions()[-1])
    monkeypatch.setattr("pvd_mailer.database.migrate.MIGRATION_FOLDERS", [*MIGRATION_FOLDERS, scripts])
    return scripts


def _tables(database):
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_an_empty_database_gets_all_tables(empty):
    assert database_revision(empty) is None
    prepare_database(empty)
    assert _tables(empty) == {*metadata.tables, "alembic_version"}
    assert database_revision(empty) == known_revisions()[-1]


def test_the_migrated_tables_are_those_of_the_schema(database):
    with database.read() as connection:
        # Alembic cannot compare SQLite's defaults; the next test does.
        defaults = not database.is_sqlite
        context = MigrationContext.configure(connection, opts={"compare_server_default": defaults})
        assert compare_metadata(context, metadata) == []


def _plain(expression):
    """A condition without what PostgreSQL adds to it when it keeps it."""
    for noise in ("::character varying", "::text[]", "::text", "ARRAY[", "]", "(", ")", "[", " "):
        expression = expression.replace(noise, "")
    return expression.replace("=ANY", "IN").lower()


def test_the_checks_the_defaults_and_the_partial_indices_are_those_of_the_schema(database, tmp_path):
    by_schema = open_database(f"sqlite:///{tmp_path / 'by-schema.sqlite'}", Path())
    with by_schema.write() as connection:
        metadata.create_all(connection)
    with by_schema.read() as made, database.read() as migrated:
        for name in metadata.tables:
            if database.is_sqlite:
                defaults = [
                    {one["name"]: one["default"] for one in inspect(connection).get_columns(name)}
                    for connection in (made, migrated)
                ]
                assert defaults[0] == defaults[1]
            checks = [
                sorted((one["name"], _plain(one["sqltext"])) for one in inspect(connection).get_check_constraints(name))
                for connection in (made, migrated)
            ]
            assert checks[0] == checks[1]
            indices = [
                sorted(
                    (
                        one["name"],
                        tuple(one["column_names"]),
                        bool(one["unique"]),
                        _plain(str(one.get("dialect_options", {}).get(f"{connection.dialect.name}_where", ""))),
                    )
                    for one in inspect(connection).get_indexes(name)
                    if not one.get("duplicates_constraint")
                )
                for connection in (made, migrated)
            ]
            assert indices[0] == indices[1]
    by_schema.close()


def test_a_database_that_is_up_to_date_costs_one_query(database):
    asked = []
    event.listen(database.engine, "after_cursor_execute", lambda *told: asked.append(told[2]))
    prepare_database(database)
    assert [one for one in asked if not one.startswith("BEGIN")] == ["SELECT version_num FROM alembic_version"]


def test_a_database_that_is_up_to_date_does_not_wait_for_alembic(database_url):
    script = (
        "import sys; from pathlib import Path; from pvd_mailer.database import open_database\n"
        "from pvd_mailer.database.migrate import prepare_database\n"
        "database = open_database(sys.argv[1], Path()); prepare_database(database); database.close()\n"
        "print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, database_url], env=environment(), capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


def test_eight_processes_that_start_at_once_make_the_tables_once(empty_url):
    script = (
        "import sys; from pathlib import Path; from pvd_mailer.database import open_database\n"
        "from pvd_mailer.database.migrate import prepare_database\n"
        "database = open_database(sys.argv[1], Path())\n"
        "sys.stdin.readline(); prepare_database(database); database.close()"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, empty_url], env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(8)
    ]
    for one in started:
        one.stdin.write(b"go\n")
        one.stdin.flush()
    told = [one.communicate(timeout=120)[1].decode() for one in started]
    assert [one.returncode for one in started] == [0] * 8, told
    database = open_database(empty_url, Path())
    assert database_revision(database) == known_revisions()[-1]
    database.close()


@pytest.mark.usefixtures("next_year")
def test_an_older_database_is_not_used_and_upgrade_brings_it_up_to_date(database):
    with pytest.raises(OutdatedDatabaseError, match="older version") as caught:
        prepare_database(database)
    assert caught.value.exit_code == 3
    assert "pvd-mailer upgrade" in caught.value.hint
    assert upgrade_database(database) == ("0900",)
    prepare_database(database)
    assert "later" in _tables(database)
    assert upgrade_database(database) == ()


def test_each_migration_can_be_the_last_one(empty):
    for one in known_revisions():
        with empty.write() as connection:
            migrate(connection, one)
        assert database_revision(empty) == one
    prepare_database(empty)


@pytest.mark.usefixtures("next_year")
def test_a_newer_database_is_left_alone(database, monkeypatch):
    upgrade_database(database)
    monkeypatch.setattr("pvd_mailer.database.migrate.MIGRATION_FOLDERS", MIGRATION_FOLDERS)
    for use in (prepare_database, upgrade_database):
        with pytest.raises(NewerDatabaseError, match="newer version"):
            use(database)


def test_a_database_of_another_program_is_left_alone(empty):
    with empty.write() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))
    for use in (prepare_database, upgrade_database):
        with pytest.raises(ForeignDatabaseError, match="another program"):
            use(empty)
    assert _tables(empty) == {"customers"}


def test_a_kill_in_the_middle_of_an_upgrade_leaves_the_old_tables(database, database_url, next_year):
    script = (
        "import sys; from pathlib import Path; from pvd_mailer.database import migrate, open_database\n"
        "migrate.MIGRATION_FOLDERS.append(Path(sys.argv[2]))\n"
        "migrate.upgrade_database(open_database(sys.argv[1], Path()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, database_url, str(next_year)],
        env=environment(DIE_BETWEEN="1"),
        capture_output=True,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    with pytest.raises(OutdatedDatabaseError):
        prepare_database(database)
    with database.read() as connection:
        assert "language" not in {one["name"] for one in inspect(connection).get_columns("subscribers")}
    assert upgrade_database(database) == ("0900",)


@pytest.mark.usefixtures("next_year")
def test_a_migration_that_fails_leaves_the_old_tables(database):
    with database.write() as connection:
        connection.execute(text("CREATE TABLE later (id INTEGER)"))  # in its way
    with pytest.raises(Exception, match="later"):
        upgrade_database(database)
    with pytest.raises(OutdatedDatabaseError):
        prepare_database(database)


def test_people_come_through_the_migration_that_makes_their_table_again(empty):
    """With their tags and their history, which hang on it; and with domains that mail takes."""
    with empty.write() as connection:
        migrate(connection, "0004")
        for number, (address, key) in enumerate(
            [("Ève.A@example.org", "eve.a@example.org"), ("B@Évariste.example", "b@xn--variste-9xa.example")], 1
        ):
            connection.execute(
                text(
                    "INSERT INTO subscribers (id, ref, address_key, address, state, basis, proof_at, proof_source, "
                    "created_at, changed_at, last_contact_at) VALUES (:number, :ref, :key, :address, 'subscribed', "
                    "'consent', '2024-03-07 12:00:00', 'x', '2024-03-07 12:00:00', '2024-03-07 12:00:00', "
                    "'2024-03-07 12:00:00')"
                ),
                {"number": number, "ref": f"r{number}", "key": key, "address": address},
            )
            connection.execute(text("INSERT INTO tags VALUES (:n, 'role', 'Maire', 'maire')"), {"n": number})
            connection.execute(
                text(
                    "INSERT INTO histories (id, subscriber_id, at, what) "
                    "VALUES (:id, :n, '2024-03-07 12:00:00', 'imported')"
                ),
                {"id": number + 10, "n": number},
            )
        migrate(connection)
    with empty.read() as connection:
        people = connection.execute(text("SELECT id, ref, address FROM subscribers ORDER BY id")).all()
        assert [tuple(row) for row in people] == [
            (1, "r1", "eve.a@example.org"),  # no mail takes an accent before the @; the key never had one
            (2, "r2", "B@xn--variste-9xa.example"),
        ]
        assert connection.execute(text("SELECT count(*) FROM tags")).scalar() == 2
        assert [*connection.execute(text("SELECT id FROM histories ORDER BY id")).scalars()] == [11, 12]
    with empty.write() as connection:
        connection.execute(text("DELETE FROM subscribers WHERE id = 1"))
    with empty.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM tags")).scalar() == 1


def test_what_a_recipient_claims_comes_through_the_rename_of_its_column(empty):
    """With the index that lets one row a person and an issue claim it."""
    with empty.write() as connection:
        migrate(connection, "0005")
        rows.letter(connection)
        rows.dispatch(connection)
        batch = rows.batch(connection, "accepted")
        for position, holds in enumerate((True, False)):
            rows.old_recipient(connection, batch, position, holds=holds)
        migrate(connection)
    with empty.read() as connection:
        claims = text("SELECT position FROM recipients WHERE claims_issue ORDER BY position")
        assert connection.execute(claims).scalars().all() == [0]
    with empty.write() as connection:
        rows.dispatch(connection, "d2", approved_at=rows.NOON.replace(year=2027))
    with pytest.raises(IntegrityError), empty.write() as connection:
        rows.recipients(connection, rows.batch(connection, dispatch_id="d2"), [0], dispatch_id="d2")
    with pytest.raises(IntegrityError, match="never deleted"), empty.write() as connection:
        connection.execute(text("DELETE FROM recipients"))
