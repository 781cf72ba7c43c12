"""The tables that tests begin with."""

import sqlite3
from contextlib import closing

from pvd_mailer.database import migrate as migrations
from pvd_mailer.database import open_database
from tests.prepared import migrate


def content(file):
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_a_database_that_is_copied_is_what_the_migrations_make(tmp_path):
    made = {}
    for name in ("copied", "migrated"):
        database = open_database(None, tmp_path / name)
        if name == "copied":
            migrations.prepare_database(database)
        else:
            with database.write() as connection:
                migrate(connection)
        database.close()
        made[name] = content(database.file)
    assert migrations.migrate is not migrate
    assert made["copied"] == made["migrated"]
    assert any("alembic_version" in line for line in made["copied"])


def test_a_database_that_holds_something_is_migrated_from_where_it_stands(tmp_path):
    database = open_database(None, tmp_path / "older")
    with database.write() as connection:
        migrate(connection, migrations.known_revisions()[0])
    done = migrations.upgrade_database(database)
    database.close()
    assert list(done) == migrations.known_revisions()[1:]
