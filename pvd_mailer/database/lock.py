"""The sender's lock: one sender at a time for one database. It dies with its process, however that dies."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from pvd_mailer.database.engine import CONNECT_SECONDS, Database, translate_database_errors
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = ["SenderBusyError", "SenderLock", "is_sender_running", "sender_lock"]

_ADVISORY_LOCK = 0x7076_6411  # any number that is ours alone, the same in every process
SENDER_LOCK_PATIENCE = 1.0
"""Seconds: `status` holds the lock for a moment to see whether anybody has it, and no send may stumble over that."""
_TRY_LOCK = text("SELECT pg_try_advisory_lock(:number)")
# A lost connection would be opened again by itself, without the lock: so the server is asked for the lock itself.
_IS_LOCK_HELD = text(
    "SELECT count(*) FROM pg_locks"
    " WHERE locktype = 'advisory' AND objid = :number AND pid = pg_backend_pid() AND granted"
)


class SenderBusyError(PvdError):
    """Another process holds the sender's lock."""

    def __init__(self) -> None:
        super().__init__(
            _("another send is at work on this database"),
            _("Wait until it has ended; `pvd-mailer status` shows how far it is."),
        )


class SenderLock(Protocol):
    """The lock, while it is held."""

    def is_held(self) -> bool:
        """Whether it is held still: a connection to a server can be lost, and the lock with it. One short query."""
        ...


class _FileSenderLock:
    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def is_held(self) -> bool:
        return self._lock.is_locked


class _ConnectionSenderLock:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def is_held(self) -> bool:
        with self._lock:
            try:
                return bool(self._connection.execute(_IS_LOCK_HELD, {"number": _ADVISORY_LOCK}).scalar())
            except SQLAlchemyError:
                return False


@contextmanager
def sender_lock(database: Database, patience: float = SENDER_LOCK_PATIENCE) -> Iterator[SenderLock]:
    """Be the only sender of `database` while the block runs; another is waited for `patience` seconds.

    Raises:
        SenderBusyError: there is one at work.
        DatabaseError: the database's server cannot be reached.
    """
    if database.file is None:
        with _advisory_lock(database, patience) as advisory:
            yield advisory
        return
    # Asked by any thread of this process.
    lock = FileLock(f"{database.file}.sender.lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise SenderBusyError from error
    try:
        yield _FileSenderLock(lock)
    finally:
        lock.release()


def is_sender_running(database: Database) -> bool:
    """Whether some process holds the lock at this moment."""
    try:
        with sender_lock(database, patience=0):
            return False
    except SenderBusyError:
        return True


@contextmanager
def _advisory_lock(database: Database, patience: float) -> Iterator[SenderLock]:
    """An advisory lock of a session of its own: PostgreSQL frees it when the session ends, however it ends."""
    engine = create_engine(
        database.engine.url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # a transaction that stays open would keep the server from tidying up
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "pvd-mailer sender",
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": 60_000,
        },
    )
    with translate_database_errors(database):
        connection = engine.connect()
        deadline = time.monotonic() + patience
        while (
            not (is_locked := connection.execute(_TRY_LOCK, {"number": _ADVISORY_LOCK}).scalar())
            and time.monotonic() < deadline
        ):
            time.sleep(0.05)
    try:
        if not is_locked:
            raise SenderBusyError
        yield _ConnectionSenderLock(connection)
    finally:
        connection.close()
        engine.dispose()
