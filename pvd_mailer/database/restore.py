"""Puts a backup into a database, in one transaction: afterwards it is all there, or nothing has changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, LargeBinary, MetaData, Table, func, insert, inspect, select, text

from pvd_mailer.database.archive import Archive, own_tables, read_tables
from pvd_mailer.database.binding import bound_to
from pvd_mailer.database.envelope import BackupError, damaged
from pvd_mailer.database.leavers import Leavers, keep_away, who_left
from pvd_mailer.database.migrate import (
    ForeignDatabaseError,
    NewerError,
    known_revisions,
    migrate,
    revision_in,
    wait_for_others,
)
from pvd_mailer.database.standstill import Standstill, bring_to_standstill
from pvd_mailer.database.store import Database
from pvd_mailer.i18n import _
from pvd_mailer.keys import bring_back

__all__ = ["Restored", "is_empty", "restore", "restore_with_keys"]

_ROWS = 1000
_LOCK_WAIT = "SET LOCAL lock_timeout = '30s'"


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        counts: Rows by table.
        standstill: What was brought to a standstill.
        left: How many subscribers of the backup had left since, and stay away.
        forgotten: How many had been forgotten since: they are back, unsubscribed, and want to be forgotten again.
    """

    counts: dict[str, int]
    standstill: Standstill
    left: int
    forgotten: int


def is_empty(database: Database) -> bool:
    """Whether the database holds nothing that a restore would replace.

    Raises:
        NewerError: it is newer than this program.
        ForeignDatabaseError: it holds tables of another program.
        DatabaseError: it cannot be read.
    """
    with database.read() as connection:
        tables = _own(connection, database)
        held = read_tables(connection, tables - {"alembic_version", "facts"}) if tables else []
        return not any(connection.execute(select(text("1")).select_from(table).limit(1)).first() for table in held)


def restore(database: Database, archive: Archive, now: datetime) -> Restored:
    """Replace all that the database holds. Only for whoever holds the sender's lock.

    Raises:
        BackupError: the backup is damaged, or newer than this program.
        NewerError: the database is newer than this program.
        ForeignDatabaseError: the database holds tables of another program.
        DatabaseError: the database cannot be written; it is as it was.
    """
    made_by = archive.manifest.revision
    if made_by not in known_revisions():
        raise BackupError(
            _("the backup {file} was made by a newer version of pvd-mailer ({version})").format(
                file=archive.name, version=archive.manifest.program
            ),
            _("Install that version or a later one, then restore it. Nothing was changed."),
        )
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(text(_LOCK_WAIT))
        wait_for_others(connection)
        tables = _own(connection, database)
        same_keys = bool(tables) and archive.keys is not None and bound_to(connection) == archive.keys.fingerprint
        leavers = who_left(connection) if tables else Leavers({}, [])
        _drop(connection, tables)
        migrate(connection, made_by)
        counts = _fill(connection, archive, made_by)
        migrate(connection)
        digest = archive.keys.opposition_digest if archive.keys and same_keys else None
        left, forgotten = keep_away(connection, leavers, digest, now)
        return Restored(counts, bring_to_standstill(connection, now), left, forgotten)


def restore_with_keys(database: Database, archive: Archive, path: Path, now: datetime) -> tuple[Restored, Path | None]:
    """As `restore`; then the backup's key ring is the one at `path`. Where another one was put aside, if there was one.

    A kill between the two leaves a database that refuses the wrong keys; the same restore once more mends it.
    """
    done = restore(database, archive, now)
    return done, bring_back(archive.keys, path) if archive.keys else None


def _own(connection: Connection, database: Database) -> set[str]:
    """The tables of ours that the database has; none where it is empty."""
    there = set(inspect(connection).get_table_names())
    if not there:
        return set()
    found = revision_in(connection) if "alembic_version" in there else None
    if found is not None and found not in known_revisions():
        raise NewerError(database)
    own = own_tables(found) | {"alembic_version"} if found is not None else set()
    if there - own:
        raise ForeignDatabaseError(database)
    return own


def _drop(connection: Connection, names: set[str]) -> None:
    metadata = MetaData()
    if names:
        metadata.reflect(connection, only=sorted(names))
    metadata.drop_all(connection)


def _fill(connection: Connection, archive: Archive, made_by: str) -> dict[str, int]:
    tables = read_tables(connection, own_tables(made_by))
    if {one.name for one in archive.manifest.tables} != {table.name for table in tables}:
        raise damaged(archive.name)
    for table in tables:
        heavy = any(isinstance(column.type, LargeBinary) for column in table.columns)
        for rows in _chunks(archive.rows(table), 1 if heavy else _ROWS):
            connection.execute(insert(table), rows)
        _go_on_counting(connection, table)
    return {one.name: one.rows for one in archive.manifest.tables}


def _chunks(rows: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows by a counter of its own, which is told where to go on."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None or not isinstance(column.type, Integer):
        return
    highest = connection.execute(select(func.max(column))).scalar()
    if highest is not None:
        counter = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(counter, highest)))
