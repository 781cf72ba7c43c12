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
from pvd_mailer.database.age import Sealing
from pvd_mailer.database.envelope import damaged, not_a_backup
from pvd_mailer.database.migrate import migrate
from pvd_mailer.database.schema import Moment
from pvd_mailer.keys import KeyRing

__all__ = ["Archive", "Manifest", "own_tables", "read_tables", "write_archive"]

FORMAT = 1
ROWS_AT_ONCE = 1000
_MANIFEST = "manifest.json"
_KEYS = "keys.json"
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, TypeError, ValueError),
    # What zipfile says of a member that claims to be encrypted, or packed in an unknown way.
    *(RuntimeError, NotImplementedError),
)


@dataclass(frozen=True, slots=True)
class Held:
    """One table of a backup."""

    name: str
    columns: tuple[str, ...]
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    program: str
    made_at: datetime
    revision: str
    tables: tuple[Held, ...]

    def count(self, table: str) -> int:
        """How many rows of a table it holds."""
        return sum(one.rows for one in self.tables if one.name == table)

    def as_json(self) -> str:
        """The text of its file."""
        tables = [
            {"name": one.name, "columns": one.columns, "rows": one.rows, "sha256": one.digest} for one in self.tables
        ]
        said = {"format": FORMAT, "program": self.program, "made_at": self.made_at.isoformat()}
        return json.dumps(said | {"revision": self.revision, "tables": tables}, indent=2)


def own_tables(revision: str) -> set[str]:
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
            column["type"] = Moment()

    metadata.reflect(connection, only=sorted(names))
    return [table for table in metadata.sorted_tables if table.name in names]


def write_archive(
    connection: Connection, revision: str, keys: KeyRing | None, made_at: datetime, to: IO[bytes] | Sealing
) -> Manifest:
    """Write what `connection`'s transaction sees, and the key ring; a few rows in memory at a time."""
    held = []
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in read_tables(connection, own_tables(revision)):
            digest = hashlib.sha256()
            rows = 0
            with (
                archive.open(_member(table.name), "w", force_zip64=True) as member,
                closing(_rows(connection, table)) as found,
            ):
                for row in found:
                    line = json.dumps(row, ensure_ascii=False, default=_plain).encode() + b"\n"
                    digest.update(line)
                    member.write(line)
                    rows += 1
            held.append(Held(table.name, tuple(table.columns.keys()), rows, digest.hexdigest()))
        manifest = Manifest(__version__, made_at, revision, tuple(held))
        if keys is not None:
            archive.writestr(_KEYS, keys.as_json())
        archive.writestr(_MANIFEST, manifest.as_json())
    return manifest


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _rows(connection: Connection, table: Table) -> Generator[list[Any]]:
    heavy = any(isinstance(column.type, LargeBinary) for column in table.columns)
    query = select(table).order_by(*table.primary_key.columns)
    # Closed also where what is read can be written nowhere.
    with connection.execute(query.execution_options(yield_per=1 if heavy else ROWS_AT_ONCE)) as found:
        for row in found:
            yield list(row)


def _plain(value: Any) -> str:
    """Moments and bytes as text; which column holds them, the tables know."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return b64encode(value).decode()


class Archive:
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
            said = json.loads(self._zip.read(_MANIFEST))
            if said["format"] != FORMAT:
                raise not_a_backup(name)
            self.manifest = Manifest(
                program=said["program"],
                made_at=datetime.fromisoformat(said["made_at"]),
                revision=said["revision"],
                tables=tuple(
                    Held(one["name"], tuple(one["columns"]), one["rows"], one["sha256"]) for one in said["tables"]
                ),
            )
            inside = self._zip.namelist()
            self.keys = KeyRing.from_json(self._zip.read(_KEYS).decode()) if _KEYS in inside else None
        except _BROKEN as error:
            raise damaged(name) from error

    def close(self) -> None:
        """Let go of it, and of what it was read from."""
        self._zip.close()
        self._source.close()

    def verify(self) -> None:
        """Read all of it and hold it against its digests.

        Raises:
            BackupError: it is not what it says.
        """
        for held in self.manifest.tables:
            for _line in self._lines(held):
                pass

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table, as the database takes them.

        Raises:
            BackupError: it is damaged, or its columns are not the table's.
        """
        held = next((one for one in self.manifest.tables if one.name == table.name), None)
        if held is None:
            return
        if set(held.columns) != set(table.columns.keys()):
            raise damaged(self.name)
        read = [_reader(table, column) for column in held.columns]
        for line in self._lines(held):
            try:
                values = json.loads(line)
                yield {
                    column: None if value is None else of(value)
                    for column, value, of in zip(held.columns, values, read, strict=True)
                }
            except _BROKEN as error:
                raise damaged(self.name) from error

    def _lines(self, held: Held) -> Iterator[bytes]:
        digest = hashlib.sha256()
        rows = 0
        try:
            with self._zip.open(_member(held.name)) as member:
                for line in member:
                    digest.update(line)
                    rows += 1
                    yield line
        except _BROKEN as error:
            raise damaged(self.name) from error
        if (rows, digest.hexdigest()) != (held.rows, held.digest):
            raise damaged(self.name)


def _reader(table: Table, column: str) -> Any:
    kind = table.columns[column].type
    if isinstance(kind, Moment):
        return datetime.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    return _as_is


def _as_is(value: Any) -> Any:
    return value
