"""What is inside a backup: every table as JSON lines, the key ring, and what they are held against, in a zip file.

It says the same of SQLite and of PostgreSQL, and of any revision: the tables are read as they are found.
"""

import hashlib
import json
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy import Connection, DateTime, LargeBinary, MetaData, Table, create_engine, event, inspect, select

from pvd_mailer import __version__
from pvd_mailer.database.backup.age import AgeWriter
from pvd_mailer.database.backup.encryption import damaged_backup_error, not_a_backup_error
from pvd_mailer.database.migrate import migrate
from pvd_mailer.database.schema import UtcDateTime
from pvd_mailer.keys import KeyRing

__all__ = ["BackupArchive", "BackupManifest", "read_tables", "tables_of_revision", "write_archive"]

BACKUP_FORMAT = 1
ROWS_AT_ONCE = 1000
_MANIFEST = "manifest.json"
_KEYS = "keys.json"
_DAMAGE_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, TypeError, ValueError),
    # What zipfile says of a member that claims to be encrypted, or packed in an unknown way.
    *(RuntimeError, NotImplementedError),
)


@dataclass(frozen=True, slots=True)
class ArchivedTable:
    """One table of a backup."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says of itself."""

    program: str
    made_at: datetime
    revision: str
    tables: tuple[ArchivedTable, ...]

    def count(self, table: str) -> int:
        """How many rows of a table it holds."""
        return sum(archived.rows for archived in self.tables if archived.name == table)

    def as_json(self) -> str:
        """The text of its file."""
        tables = [
            {"name": table.name, "columns": table.columns, "rows": table.rows, "sha256": table.digest}
            for table in self.tables
        ]
        head = {"format": BACKUP_FORMAT, "program": self.program, "made_at": self.made_at.isoformat()}
        return json.dumps(head | {"revision": self.revision, "tables": tables}, indent=2)


def tables_of_revision(revision: str) -> set[str]:
    """The names of the tables that the migrations up to `revision` make."""
    scratch = create_engine("sqlite://")
    with scratch.begin() as connection:
        migrate(connection, revision)
        names = set(inspect(connection).get_table_names())
    scratch.dispose()
    return names - {"alembic_version"}


def read_tables(connection: Connection, names: set[str]) -> list[Table]:
    """These tables as the database has them, whatever its revision; one that others refer to comes before them."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def _reflected(inspector: Any, table: Table, column: Any) -> None:
        del inspector, table
        if isinstance(column["type"], DateTime):
            column["type"] = UtcDateTime()

    metadata.reflect(connection, only=sorted(names))
    return [table for table in metadata.sorted_tables if table.name in names]


def write_archive(
    connection: Connection, revision: str, keys: KeyRing | None, made_at: datetime, target: IO[bytes] | AgeWriter
) -> BackupManifest:
    """Write what `connection`'s transaction sees, and the key ring; a few rows in memory at a time."""
    archived_tables = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in read_tables(connection, tables_of_revision(revision)):
            digest = hashlib.sha256()
            rows = 0
            with (
                archive.open(_member(table.name), "w", force_zip64=True) as member,
                closing(_rows(connection, table)) as table_rows,
            ):
                for row in table_rows:
                    line = json.dumps(row, ensure_ascii=False, default=_json_value).encode() + b"\n"
                    digest.update(line)
                    member.write(line)
                    rows += 1
            archived_tables.append(ArchivedTable(table.name, tuple(table.columns.keys()), rows, digest.hexdigest()))
        manifest = BackupManifest(__version__, made_at, revision, tuple(archived_tables))
        if keys is not None:
            archive.writestr(_KEYS, keys.to_json())
        archive.writestr(_MANIFEST, manifest.as_json())
    return manifest


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _rows(connection: Connection, table: Table) -> Generator[list[Any]]:
    has_blobs = any(isinstance(column.type, LargeBinary) for column in table.columns)
    query = select(table).order_by(*table.primary_key.columns)
    # Closed also where what is read can be written nowhere.
    with connection.execute(query.execution_options(yield_per=1 if has_blobs else ROWS_AT_ONCE)) as result:
        for row in result:
            yield list(row)


def _json_value(value: Any) -> str:
    """Moments and bytes as text; which column holds them, the tables know."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return b64encode(value).decode()


class BackupArchive:
    """The inside of a backup, opened.

    Attributes:
        name: What the file is called in messages.
        manifest: What it says of itself.
        keys: The key ring; None where there was none.
    """

    def __init__(self, source: IO[bytes], name: str) -> None:
        """Read what it says of itself.

        Raises:
            BackupError: it is damaged, or something else.
        """
        self.name = name
        self._source = source
        try:
            self._zip = zipfile.ZipFile(source)
            data = json.loads(self._zip.read(_MANIFEST))
            if data["format"] != BACKUP_FORMAT:
                raise not_a_backup_error(name)
            self.manifest = BackupManifest(
                program=data["program"],
                made_at=datetime.fromisoformat(data["made_at"]),
                revision=data["revision"],
                tables=tuple(
                    ArchivedTable(table["name"], tuple(table["columns"]), table["rows"], table["sha256"])
                    for table in data["tables"]
                ),
            )
            member_names = self._zip.namelist()
            self.keys = KeyRing.from_json(self._zip.read(_KEYS).decode()) if _KEYS in member_names else None
        except _DAMAGE_ERRORS as error:
            raise damaged_backup_error(name) from error

    def close(self) -> None:
        """Let go of it, and of what it was read from."""
        self._zip.close()
        self._source.close()

    def verify(self) -> None:
        """Read all of it and hold it against its digests.

        Raises:
            BackupError: it is not what it says.
        """
        for table in self.manifest.tables:
            for _line in self._lines(table):
                pass

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table, as the database takes them.

        Raises:
            BackupError: it is damaged, or its columns are not the table's.
        """
        archived = next((candidate for candidate in self.manifest.tables if candidate.name == table.name), None)
        if archived is None:
            return
        if set(archived.columns) != set(table.columns.keys()):
            raise damaged_backup_error(self.name)
        parsers = [_value_parser(table, column) for column in archived.columns]
        for line in self._lines(archived):
            try:
                values = json.loads(line)
                yield {
                    column: None if value is None else parser(value)
                    for column, value, parser in zip(archived.columns, values, parsers, strict=True)
                }
            except _DAMAGE_ERRORS as error:
                raise damaged_backup_error(self.name) from error

    def _lines(self, table: ArchivedTable) -> Iterator[bytes]:
        digest = hashlib.sha256()
        rows = 0
        try:
            with self._zip.open(_member(table.name)) as member:
                for line in member:
                    digest.update(line)
                    rows += 1
                    yield line
        except _DAMAGE_ERRORS as error:
            raise damaged_backup_error(self.name) from error
        if (rows, digest.hexdigest()) != (table.rows, table.digest):
            raise damaged_backup_error(self.name)


def _value_parser(table: Table, column: str) -> Any:
    kind = table.columns[column].type
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    return _unchanged


def _unchanged(value: Any) -> Any:
    return value
