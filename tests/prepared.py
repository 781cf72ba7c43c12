"""The tables of a new SQLite database, copied from one that was migrated once for all tests of a process.

A migration of nothing takes Alembic 60 ms, and hundreds of tests begin with one. What is copied is what SQLite itself
says of the migrated file, statement by statement, in the transaction that the program has opened for it; whatever else
is asked for is migrated. `tests/database` tests the migrations, and has none of this.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect

from pvd_mailer.database import migrate as migrations
from pvd_mailer.database import open_database

migrate = migrations.migrate
_OURS = tuple(migrations.MIGRATION_FOLDERS)


def statements(folder):
    """What makes the tables of a database that is migrated in `folder`, as SQL."""
    database = open_database(None, Path(folder) / "prepared.sqlite")
    migrations.prepare_database(database)
    database.close()
    with closing(sqlite3.connect(database.file)) as connection:
        return [line for line in connection.iterdump() if line not in {"BEGIN TRANSACTION;", "COMMIT;"}]


def copying(made):
    """A `migrate` that carries out the statements `made` where an empty SQLite database is to have all tables."""

    def copy_or_migrate(connection, target="head"):
        is_plain = target == "head" and tuple(migrations.MIGRATION_FOLDERS) == _OURS
        if not is_plain or connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
            migrate(connection, target)
            return
        for statement in made:
            connection.exec_driver_sql(statement)

    return copy_or_migrate
