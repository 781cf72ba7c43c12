"""Brings the database's tables up to date: all in one transaction, so that a kill leaves the old or the new ones."""

import re
import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from pvd_mailer.database.store import Database
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = [
    "SCRIPTS",
    "ForeignDatabaseError",
    "NewerError",
    "OutdatedError",
    "known_revisions",
    "migrate",
    "prepare",
    "revision",
    "revision_in",
    "upgrade",
    "wait_for_others",
]

SCRIPTS = [Path(__file__).parent / "migrations" / "versions"]
"""The folders with the migrations, `rNNNN_….py`; a test adds one with a migration of next year."""

_NAME = re.compile(r"r(\d{4})_\w+\.py")
_LOCK = 0x7076_6410  # any number that is ours alone, the same in every process
_NO_TABLE = "42P01"  # PostgreSQL's undefined_table


class OutdatedError(PvdError):
    """The database was made by an older version of the program."""


class NewerError(PvdError):
    """The database was made by a newer version of the program."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            _("the database {file} was made by a newer version of pvd-mailer").format(file=database.shown()),
            _("Install that version or a later one. This one leaves the database as it is."),
        )


class ForeignDatabaseError(PvdError):
    """The database holds tables, and not ours."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            _("the database {file} holds tables of another program").format(file=database.shown()),
            _("Give pvd-mailer a database of its own; nothing was changed in this one."),
        )


_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps what it works on in globals


def known_revisions() -> list[str]:
    """The migrations that this program has, oldest first. Alembic, which is slow to import, is not needed for it."""
    names = (_NAME.fullmatch(path.name) for folder in SCRIPTS for path in folder.iterdir())
    return sorted(name[1] for name in names if name)


def revision(database: Database) -> str | None:
    """The migration that the database stands at; None where it has no tables of ours."""
    with database.read() as connection:
        return revision_in(connection)


def prepare(database: Database) -> None:
    """See that the tables are there and of this program's version; an empty database gets them.

    Raises:
        OutdatedError: they are older; `upgrade` brings them up to date, after a backup.
        NewerError: they are newer.
        ForeignDatabaseError: there are tables, and not ours.
        DatabaseError: the database cannot be reached, read or written.
    """
    found = revision(database)
    if found is None:
        with database.write() as connection:
            wait_for_others(connection)
            if inspect(connection).has_table("alembic_version"):  # another process was quicker
                found = revision_in(connection)
            else:
                _refuse_foreign(connection, database)
                migrate(connection)
                return
    known = known_revisions()
    if found not in known:
        raise NewerError(database)
    if found != known[-1]:
        raise OutdatedError(
            _("the database {file} was made by an older version of pvd-mailer").format(file=database.shown()),
            _("Run `pvd-mailer upgrade`: it makes a backup first."),
        )


def upgrade(database: Database) -> tuple[str, ...]:
    """Bring the tables up to date, and return the migrations that were carried out, oldest first.

    Raises:
        NewerError: they are newer than this program.
        ForeignDatabaseError: there are tables, and not ours.
        DatabaseError: the database cannot be reached, read or written; it is as it was.
    """
    try:
        prepare(database)
    except OutdatedError:
        pass
    else:
        return ()
    with database.write() as connection:
        wait_for_others(connection)
        before = revision_in(connection) or ""
        migrate(connection)
    return tuple(one for one in known_revisions() if one > before)


def migrate(connection: Connection, target: str = "head") -> None:
    """Carry out the migrations up to `target` in the transaction that `connection` is in."""
    # Only here: importing Alembic takes longer than most commands.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", _quoted(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(_quoted(folder) for folder in SCRIPTS))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        command.upgrade(config, target)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%%")  # Alembic's settings are a ConfigParser's


def revision_in(connection: Connection) -> str | None:
    """As `revision`, in a transaction. Where it gives None, the transaction is of no more use on PostgreSQL."""
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_TABLE:
            raise
        return None
    except OperationalError as error:
        if "no such table" not in str(error.orig):
            raise
        return None
    return None if found is None else str(found)


def wait_for_others(connection: Connection) -> None:
    """Of two processes one migrates; SQLite has let only one of them begin to write."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _refuse_foreign(connection: Connection, database: Database) -> None:
    if inspect(connection).get_table_names():
        raise ForeignDatabaseError(database)
