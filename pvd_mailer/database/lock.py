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

from pvd_mailer.database.store import CONNECT_SECONDS, Database, reached
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _

__all__ = ["SenderBusyError", "SenderLock", "is_sender_at_work", "sender_lock"]

_NUMBER = 0x7076_6411  # any number that is ours alone, the same in every process
PATIENCE = 1.0
"""Seconds: `status` holds the lock for a moment to see whether anybody has it, and no send may stumble over that."""
_LOCK = text("SELECT pg_try_advisory_lock(:number)")
# A lost connection would be opened again by itself, without the lock: so the server is asked for the lock itself.
_STILL = text(
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


class _OfFile:
    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def is_held(self) -> bool:
        return self._lock.is_locked


class _OfConnection:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._one_at_a_time = threading.Lock()

    def is_held(self) -> bool:
        with self._one_at_a_time:
            try:
                return bool(self._connection.execute(_STILL, {"number": _NUMBER}).scalar())
            except SQLAlchemyError:
                return False


@contextmanager
def sender_lock(database: Database, patience: float = PATIENCE) -> Iterator[SenderLock]:
    """Be the only sender of `database` while the block runs; another is waited for `patience` seconds.

    Raises:
        SenderBusyError: there is one at work.
        DatabaseError: the database's server cannot be reached.
    """
    if database.file is None:
        with _lock_on_server(database, patience) as held:
            yield held
        return
    # Asked by any thread of this process.
    lock = FileLock(f"{database.file}.sender.lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise SenderBusyError from error
    try:
        yield _OfFile(lock)
    finally:
        lock.release()


def is_sender_at_work(database: Database) -> bool:
    """Whether some process holds the lock at this moment."""
    try:
        with sender_lock(database, patience=0):
            return False
    except SenderBusyError:
        return True


@contextmanager
def _lock_on_server(database: Database, patience: float) -> Iterator[SenderLock]:
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
    with reached(database):
        connection = engine.connect()
        until = time.monotonic() + patience
        while not (taken := connection.execute(_LOCK, {"number": _NUMBER}).scalar()) and time.monotonic() < until:
            time.sleep(0.05)
    try:
        if not taken:
            raise SenderBusyError
        yield _OfConnection(connection)
    finally:
        connection.close()
        engine.dispose()
