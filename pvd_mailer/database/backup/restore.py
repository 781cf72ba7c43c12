"""Puts a backup into a database, in one transaction: afterwards it is all there, or nothing has changed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Integer, LargeBinary, MetaData, Table, func, insert, inspect, select, text

from pvd_mailer.chunked import chunked
from pvd_mailer.database.backup.archive import BackupArchive, read_tables, tables_of_revision
from pvd_mailer.database.backup.encryption import BackupError, damaged_backup_error
from pvd_mailer.database.backup.quarantine import Quarantine, quarantine_after_restore
from pvd_mailer.database.backup.suppressions import KnownSuppressions, keep_suppressed, read_suppressions
from pvd_mailer.database.engine import Database
from pvd_mailer.database.key_binding import key_fingerprint
from pvd_mailer.database.migrate import (
    ForeignDatabaseError,
    NewerDatabaseError,
    known_revisions,
    lock_migrations,
    migrate,
    revision_of,
)
from pvd_mailer.i18n import _
from pvd_mailer.keys import restore_keys

__all__ = ["RestoreResult", "has_nothing_to_replace", "restore_database", "restore_database_and_keys"]

_ROWS = 1000
_LOCK_WAIT = "SET LOCAL lock_timeout = '30s'"


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """What a restore did.

    Attributes:
        counts: Rows by table.
        quarantine: What was brought to a standstill.
        unsubscribed: How many subscribers of the backup had left since, and stay away.
        forgotten: How many had been forgotten since: they are back, unsubscribed, and want to be forgotten again.
    """

    counts: dict[str, int]
    quarantine: Quarantine
    unsubscribed: int
    forgotten: int


def has_nothing_to_replace(database: Database) -> bool:
    """Whether the database holds nothing that a restore would replace.

    Raises:
        NewerError: it is newer than this program.
        ForeignDatabaseError: it holds tables of another program.
        DatabaseError: it cannot be read.
    """
    with database.read() as connection:
        tables = _tables_of_ours(connection, database)
        reflected = read_tables(connection, tables - {"alembic_version", "facts"}) if tables else []
        return not any(connection.execute(select(text("1")).select_from(table).limit(1)).first() for table in reflected)


def restore_database(database: Database, archive: BackupArchive, now: datetime) -> RestoreResult:
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
        lock_migrations(connection)
        tables = _tables_of_ours(connection, database)
        same_keys = (
            bool(tables) and archive.keys is not None and key_fingerprint(connection) == archive.keys.fingerprint
        )
        suppressions = read_suppressions(connection) if tables else KnownSuppressions({}, [])
        _drop(connection, tables)
        migrate(connection, made_by)
        counts = _insert_rows(connection, archive, made_by)
        migrate(connection)
        digest = archive.keys.opposition_digest if archive.keys and same_keys else None
        unsubscribed, forgotten = keep_suppressed(connection, suppressions, digest, now)
        return RestoreResult(counts, quarantine_after_restore(connection, now), unsubscribed, forgotten)


def restore_database_and_keys(
    database: Database, archive: BackupArchive, path: Path, now: datetime
) -> tuple[RestoreResult, Path | None]:
    """As `restore_database`; then the backup's key ring is the one at `path`. Also where another one was put aside.

    A kill between the two leaves a database that refuses the wrong keys; the same restore once more mends it.
    """
    result = restore_database(database, archive, now)
    return result, restore_keys(archive.keys, path) if archive.keys else None


def _tables_of_ours(connection: Connection, database: Database) -> set[str]:
    """The tables of ours that the database has; none where it is empty."""
    present = set(inspect(connection).get_table_names())
    if not present:
        return set()
    revision = revision_of(connection) if "alembic_version" in present else None
    if revision is not None and revision not in known_revisions():
        raise NewerDatabaseError(database)
    own = tables_of_revision(revision) | {"alembic_version"} if revision is not None else set()
    if present - own:
        raise ForeignDatabaseError(database)
    return own


def _drop(connection: Connection, names: set[str]) -> None:
    metadata = MetaData()
    if names:
        metadata.reflect(connection, only=sorted(names))
    metadata.drop_all(connection)


def _insert_rows(connection: Connection, archive: BackupArchive, made_by: str) -> dict[str, int]:
    tables = read_tables(connection, tables_of_revision(made_by))
    if {archived.name for archived in archive.manifest.tables} != {table.name for table in tables}:
        raise damaged_backup_error(archive.name)
    for table in tables:
        has_blobs = any(isinstance(column.type, LargeBinary) for column in table.columns)
        for rows in chunked(archive.rows(table), 1 if has_blobs else _ROWS):
            connection.execute(insert(table), rows)
        _advance_sequence(connection, table)
    return {archived.name: archived.rows for archived in archive.manifest.tables}


def _advance_sequence(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers rows by a counter of its own, which is told where to go on."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None or not isinstance(column.type, Integer):
        return
    highest = connection.execute(select(func.max(column))).scalar()
    if highest is not None:
        counter = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(counter, highest)))
