"""Brings the database's tables up to date: all in one transaction, so that a kill leaves the old or the new ones."""

import re
import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from pvd_mailer.database.engine import Database
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = [
    "MIGRATION_FOLDERS",
    "ForeignDatabaseError",
    "NewerDatabaseError",
    "OutdatedDatabaseError",
    "database_revision",
    "known_revisions",
    "lock_migrations",
    "migrate",
    "prepare_database",
    "revision_of",
    "upgrade_database",
]

MIGRATION_FOLDERS = [Path(__file__).parent / "migrations" / "versions"]
"""The folders with the migrations, `rNNNN_….py`; a test adds one with a migration of next year."""

_MIGRATION_NAME = re.compile(r"r(\d{4})_\w+\.py")
_ADVISORY_LOCK = 0x7076_6410  # any number that is ours alone, the same in every process
_NO_TABLE = "42P01"  # PostgreSQL's undefined_table


class OutdatedDatabaseError(PvdError):
    """The database was made by an older version of the program."""


class NewerDatabaseError(PvdError):
    """The database was made by a newer version of the program."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            _("the database {file} was made by a newer version of pvd-mailer").format(file=database.display_name()),
            _("Install that version or a later one. This one leaves the database as it is."),
        )


class ForeignDatabaseError(PvdError):
    """The database holds tables, and not ours."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            _("the database {file} holds tables of another program").format(file=database.display_name()),
            _("Give pvd-mailer a database of its own; nothing was changed in this one."),
        )


_ALEMBIC_LOCK = threading.Lock()  # Alembic keeps what it works on in globals


def known_revisions() -> list[str]:
    """The migrations that this program has, oldest first. Alembic, which is slow to import, is not needed for it."""
    matches = (_MIGRATION_NAME.fullmatch(path.name) for folder in MIGRATION_FOLDERS for path in folder.iterdir())
    return sorted(match[1] for match in matches if match)


def database_revision(database: Database) -> str | None:
    """The migration that the database stands at; None where it has no tables of ours."""
    with database.read() as connection:
        return revision_of(connection)


def prepare_database(database: Database) -> None:
    """See that the tables are there and of this program's version; an empty database gets them.

    Raises:
        OutdatedError: they are older; `upgrade_database` brings them up to date, after a backup.
        NewerError: they are newer.
        ForeignDatabaseError: there are tables, and not ours.
        DatabaseError: the database cannot be reached, read or written.
    """
    current = database_revision(database)
    if current is None:
        with database.write() as connection:
            lock_migrations(connection)
            if inspect(connection).has_table("alembic_version"):  # another process was quicker
                current = revision_of(connection)
            else:
                _refuse_foreign(connection, database)
                migrate(connection)
                return
    known = known_revisions()
    if current not in known:
        raise NewerDatabaseError(database)
    if current != known[-1]:
        raise OutdatedDatabaseError(
            _("the database {file} was made by an older version of pvd-mailer").format(file=database.display_name()),
            _("Run `pvd-mailer upgrade`: it makes a backup first."),
        )


def upgrade_database(database: Database) -> tuple[str, ...]:
    """Bring the tables up to date, and return the migrations that were carried out, oldest first.

    Raises:
        NewerError: they are newer than this program.
        ForeignDatabaseError: there are tables, and not ours.
        DatabaseError: the database cannot be reached, read or written; it is as it was.
    """
    try:
        prepare_database(database)
    except OutdatedDatabaseError:
        pass
    else:
        return ()
    with database.write() as connection:
        lock_migrations(connection)
        before = revision_of(connection) or ""
        migrate(connection)
    return tuple(applied for applied in known_revisions() if applied > before)


def migrate(connection: Connection, target: str = "head") -> None:
    """Carry out the migrations up to `target` in the transaction that `connection` is in."""
    # Only here: importing Alembic takes longer than most commands.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", _quoted(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(_quoted(folder) for folder in MIGRATION_FOLDERS))
    config.attributes["connection"] = connection
    with _ALEMBIC_LOCK:
        command.upgrade(config, target)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%%")  # Alembic's settings are a ConfigParser's


def revision_of(connection: Connection) -> str | None:
    """As `database_revision`, in a transaction. After None, the transaction is of no more use on PostgreSQL."""
    try:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_TABLE:
            raise
        return None
    except OperationalError as error:
        if "no such table" not in str(error.orig):
            raise
        return None
    return None if version is None else str(version)


def lock_migrations(connection: Connection) -> None:
    """Of two processes one migrates; SQLite has let only one of them begin to write."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ADVISORY_LOCK})


def _refuse_foreign(connection: Connection, database: Database) -> None:
    if inspect(connection).get_table_names():
        raise ForeignDatabaseError(database)
