"""Opens the database: SQLite beside the workspace, or PostgreSQL where an address says so."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.pool import QueuePool

from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _

__all__ = [
    "BUSY_SECONDS",
    "CONNECT_SECONDS",
    "MAX_IN_VALUES",
    "Database",
    "DatabaseError",
    "database_in_use_error",
    "open_database",
    "translate_database_errors",
]

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
MAX_IN_VALUES = 900
"""Values in one IN list: older SQLite takes 999 parameters a statement at most."""
_WRITES_OPTION = "pvd_writes"
_TIMEOUT_OPTION = "pvd_waits"
"""How long a transaction may wait for its place, in milliseconds."""
_READ_OPTIONS_SQLITE: dict[str, Any] = {_WRITES_OPTION: False}
_READ_OPTIONS: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_AUTOCOMMIT: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}
_PG_FULL = "53100"
# At DEBUG, SQLAlchemy logs every row that it reads, and rows are people; `hide_parameters` does not reach them.
logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: record.levelno > logging.DEBUG)
_PG_BUSY = {"55P03", "40P01"}  # a lock was waited for in vain; a deadlock


class DatabaseError(PvdError):
    """The database cannot be reached, read or written; what was committed is safe."""


class Database:
    """The database that audience and journal share.

    Attributes:
        engine: SQLAlchemy's engine. Outside of this package, use `read` and `write`.
        file: The SQLite file; None on PostgreSQL.
    """

    def __init__(self, engine: Engine, file: Path | None, patience: float | None = None) -> None:
        self.engine = engine
        self.file = file
        self._patience = patience
        # SQLite's own waiting sleeps longer and longer; the threads of one process can hand the place on at once.
        self._write_lock = threading.Lock() if file else None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file on this machine."""
        return self.file is not None

    @property
    def exists(self) -> bool:
        """Whether looking into it makes no new file."""
        return self.file is None or self.file.exists()

    def display_name(self) -> str:
        """Its address without a password."""
        return str(self.file) if self.file else self.engine.url.render_as_string(hide_password=True)

    @contextmanager
    def write(self, *, autocommit: bool = False) -> Iterator[Connection]:
        """A transaction that writes: durable when the block is left, undone when it is left by an exception.

        On SQLite it takes the one place for writers at once, so that what it has read stays true until it writes.

        Args:
            autocommit: For a block of one statement: on PostgreSQL it is a transaction by itself, durable when it is
                answered, and the round trips to begin and to commit are saved.

        Raises:
            DatabaseError: the disk is full, the database is locked or gone. Nothing of the transaction stays.
        """
        with (
            translate_database_errors(self),
            self._acquire_write_lock() as timeout_ms,
            self.engine.connect().execution_options(
                **{_WRITES_OPTION: True, _TIMEOUT_OPTION: timeout_ms},
                **(_AUTOCOMMIT if autocommit and not self.is_sqlite else {}),
            ) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def _acquire_write_lock(self) -> Iterator[int | None]:
        """The place for a writer among this process's threads; what is left of the patience, in milliseconds."""
        if self._write_lock is None:
            yield None
            return
        began = time.monotonic()
        if not self._write_lock.acquire(timeout=-1 if self._patience is None else self._patience):
            raise database_in_use_error(self)
        try:
            remaining = None if self._patience is None else self._patience - (time.monotonic() - began)
            yield None if remaining is None else max(0, int(remaining * 1000))
        finally:
            self._write_lock.release()

    @contextmanager
    def read(self, *, autocommit: bool = False) -> Iterator[Connection]:
        """A transaction that reads one state of the database, whatever is written meanwhile.

        Args:
            autocommit: For a block of one statement, or of several that need not see the same state: on PostgreSQL
                each is a transaction by itself, and the round trips to begin and to end one are saved.

        Raises:
            DatabaseError: the database cannot be read.
        """
        with (
            translate_database_errors(self),
            self.engine.connect().execution_options(
                **(_READ_OPTIONS_SQLITE if self.is_sqlite else _AUTOCOMMIT if autocommit else _READ_OPTIONS)
            ) as connection,
            connection.begin(),
        ):
            yield connection

    def truncate_wal(self) -> bool:
        """Take what was erased out of SQLite's write-ahead log, too; False where somebody has the database open."""
        if not self.is_sqlite:
            return False
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            checkpoint = cursor.fetchone()
            cursor.close()
        finally:
            connection.close()
        return checkpoint is not None and checkpoint[0] == 0

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


@contextmanager
def translate_database_errors(database: Database) -> Iterator[None]:
    """Say in words that `database` cannot be reached, read or written; a fault of a statement stays what it is."""
    try:
        yield
    except NoConnectionError as error:  # all are taken, by others who wait
        raise database_in_use_error(database) from error
    except DBAPIError as error:
        database_error = _as_database_error(error, database)
        if database_error is None:
            raise
        raise database_error from error


def _as_database_error(error: DBAPIError, database: Database) -> DatabaseError | None:
    """What a person can mend, in words; None for a fault of a statement, which is a fault of the program."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(error.orig, "sqlstate", None) or ""
    values = {"file": database.display_name()}
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or state in _PG_BUSY:
        return database_in_use_error(database)
    if code == sqlite3.SQLITE_FULL or state == _PG_FULL:
        return DatabaseError(
            _("no space is left for the database {file}").format(**values),
            _("Make room on the disk, then run the same command again: nothing is lost."),
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}:
        return DatabaseError(
            _("the database {file} cannot be written").format(**values),
            _("Check the permissions of the file and of its folder."),
        )
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return DatabaseError(
            _("the database {file} is damaged").format(**values),
            _("Do not send. Keep the file, and restore your last backup: `pvd-mailer restore`."),
        )
    if code in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return DatabaseError(
            _("the database {file} cannot be read or written").format(**values),
            _("Check the disk and the space left on it, and the permissions of the file and of its folder."),
        )
    if error.connection_invalidated or (isinstance(error, OperationalError) and not database.is_sqlite):
        return DatabaseError(
            _("the database {file} cannot be reached").format(**values),
            _("Check that it runs and that its address and password are right, then run the same command again."),
        )
    return None


def database_in_use_error(database: Database) -> DatabaseError:
    """What is said where a place in `database` was waited for in vain."""
    return DatabaseError(
        _("the database {file} is in use by another program").format(file=database.display_name()),
        _("Close what has it open, then run the same command again: nothing is lost."),
    )


def open_database(address: str | None, default: Path, *, patience: float | None = None) -> Database:
    """Open the database at `address` (a SQLAlchemy or plain `postgresql://` URL), or the SQLite file `default`.

    Nothing is created but the file's folder; `migrate.prepare` makes the tables.

    Args:
        address: As PVD_DATABASE_URL has it.
        default: The file where there is no address.
        patience: For how many seconds a transaction waits for others at most. Without it, half a minute on SQLite, and
            on PostgreSQL until they end: a command can wait, and a reader at a browser cannot.

    Raises:
        WrongUsageError: the address cannot be used.
    """
    url = _parse_url(address) if address else URL.create("sqlite", database=str(default))
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or str(default))
        file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=40,
            max_overflow=0,
            hide_parameters=True,  # parameters are addresses
            connect_args={"timeout": BUSY_SECONDS if patience is None else patience, "check_same_thread": False},
        )
        _set_pragmas(engine, file)
        return Database(engine, file, patience)
    try:
        engine = create_engine(
            url,
            pool_size=40,
            max_overflow=0,
            pool_pre_ping=True,
            hide_parameters=True,
            pool_timeout=BUSY_SECONDS if patience is None else patience,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "pvd-mailer",
                **_lock_timeout_option(url, patience),
            },
        )
    except ModuleNotFoundError as error:
        raise WrongUsageError(
            _("PostgreSQL needs a driver that is not installed"),
            _("Install it with: pip install 'pvd-mailer[postgresql]'"),
        ) from error
    return Database(engine, None, patience)


def _lock_timeout_option(url: URL, patience: float | None) -> dict[str, str]:
    """PostgreSQL's bound for a wait, beside the options that the address has."""
    if patience is None:
        return {}
    url_options = url.query.get("options", "")
    options = [url_options] if isinstance(url_options, str) else list(url_options)
    return {"options": " ".join([*options, f"-c lock_timeout={max(1, int(patience * 1000))}"]).strip()}


def _parse_url(address: str) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise _unusable_url_error() from error
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url
    raise _unusable_url_error()


def _unusable_url_error() -> WrongUsageError:
    return WrongUsageError(
        _("PVD_DATABASE_URL is not the address of a database that can be used"),
        _("Write postgresql://user:password@host/name, or leave it out for a file under var/."),
    )


def _set_pragmas(engine: Engine, file: Path) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: Any, record: Any) -> None:
        del record
        # Python's driver would open transactions by itself, too late and of the wrong kind.
        connection.isolation_level = None
        file.chmod(0o600)  # it holds people's addresses
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get(_WRITES_OPTION, True)
        if writes and options.get(_TIMEOUT_OPTION) is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {options[_TIMEOUT_OPTION]:d}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
