"""A list of people in a file: the row that names its columns, and the rows below it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from pvd_mailer.i18n import _
from pvd_mailer.subscribers.address import InvalidAddressError, parse_address
from pvd_mailer.subscribers.importing.cells import address_in
from pvd_mailer.subscribers.importing.column_matching import (
    NTH_COLUMN,
    ColumnMatcher,
    filled_indexes,
    looks_like_address,
)
from pvd_mailer.subscribers.importing.columns import ColumnMap
from pvd_mailer.subscribers.importing.list_fields import ListField, heading_key, known_field, may_hold_addresses
from pvd_mailer.subscribers.importing.readers.formats import BARE_ADDRESSES
from pvd_mailer.subscribers.importing.readers.sheet import SheetError, SheetRow
from pvd_mailer.subscribers.importing.readers.sheet_reader import read_sheet

__all__ = ["ListFile", "addresses_in", "open_list_file"]

_SAMPLE = 60
"""Rows to look at for the one that names the columns, and for what stands below it."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list of people in a file, which can be read again and again.

    Attributes:
        path: The file.
        columns: What its columns hold.
        stamp: Its size and when it was changed last: what was planned is what is applied.
    """

    path: Path
    columns: ColumnMap
    stamp: tuple[int, int]

    def rows(self) -> Iterator[SheetRow]:
        """The rows below the names of the columns.

        Raises:
            SheetError: it cannot be read, or it is not the file that was opened.
        """
        self._require_unchanged()
        for row in read_sheet(self.path):
            if row.number > self.columns.header:
                yield row
        self._require_unchanged()

    def _require_unchanged(self) -> None:
        if _stamp(self.path) != self.stamp:
            raise SheetError(
                _("{file} was changed while it was read").format(file=self.path.name),
                _("Nothing was imported. Run the command again."),
            )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_size, status.st_mtime_ns)


def open_list_file(
    path: Path, column_map: dict[str, str], header_row: int | None = None, *, must_ask: bool = True
) -> ListFile:
    """The list in the file `path`.

    Args:
        path: The file.
        column_map: What `--map` says (`read_map`).
        header_row: The number of the row that names the columns; None to find it.
        must_ask: Whether a column that looks as if it said who left, and is not understood, stops the import.

    Raises:
        SheetError: it is no list of people, or a column has to be explained first.
    """
    stamp = _stamp(path)
    rows = read_sheet(path)
    head = list(islice(rows, _SAMPLE))
    if not head:
        raise SheetError(
            _("{file} is empty").format(file=path.name), _("The first row names the columns; people follow.")
        )
    if header_row is not None:
        header = next((row for row in chain(head, rows) if row.number == header_row), None)
        if header is None:
            raise SheetError(
                _("{file}: nothing stands on row {row}").format(file=path.name, row=header_row),
                _("--header-row takes the number that the spreadsheet shows beside the names of the columns."),
            )
        sample = [row for row in head if row.number > header.number]
    else:
        bare_columns = _columns_without_header(head, path.name)
        if bare_columns is not None:
            return ListFile(path, bare_columns, stamp)
        header = _find_header(head, column_map)
        sample = [row for row in head if row.number > header.number]
    return ListFile(path, ColumnMatcher(header, sample, column_map, path.name, must_ask=must_ask).match(), stamp)


def _has_address(row: SheetRow) -> bool:
    return any(map(looks_like_address, row.cells))


def _columns_without_header(head: Sequence[SheetRow], file: str) -> ColumnMap | None:
    """The columns of a list without names of columns: an address a row, and a name beside it or nothing."""
    if not _has_address(head[0]):
        return None
    filled_columns = {index for row in head for index in filled_indexes(row)}
    address_columns = {index for row in head for index in filled_indexes(row) if looks_like_address(row.cells[index])}
    if len(filled_columns) > 2 or len(address_columns) != 1 or (len(filled_columns) == 2 and len(head) == 1):  # noqa: PLR2004 - address and name
        raise SheetError(
            _("the first row of {file} holds an address already, where the columns' names were expected").format(
                file=file
            ),
            _("Add a row above it: email;first_name;last_name"),
        )
    fields = {ListField.EMAIL: tuple(address_columns)}
    if other_columns := filled_columns - address_columns:
        fields[ListField.LAST_NAME] = tuple(other_columns)
    return ColumnMap(
        fields, (), (), tuple(sorted(other_columns)), ("",) * (max(filled_columns) + 1), (), BARE_ADDRESSES, 0
    )


def _find_header(head: Sequence[SheetRow], column_map: dict[str, str]) -> SheetRow:
    """The row that names the columns: above the first address, and below a title, where there is one."""
    first_address = next((index for index, row in enumerate(head) if _has_address(row)), len(head))
    candidates = head[:first_address]
    mapped_keys = {heading_key(NTH_COLUMN.sub(r"\1", name)) for name in column_map}

    def known(row: SheetRow) -> tuple[bool, int]:
        keys = [heading_key(cell) for cell in row.cells if cell.strip()]
        fields = [known_field(key) for key in keys]
        is_sure = (
            ListField.EMAIL in fields
            or any(key in mapped_keys for key in keys)
            or any(map(may_hold_addresses, row.cells))
        )
        return is_sure, sum(field is not None or key in mapped_keys for field, key in zip(fields, keys, strict=True))

    if first_address == len(head):  # nobody yet: what is below is no help
        return max(candidates, key=known)
    best = max(known(row) for row in candidates)
    if best[0]:
        return next(row for row in reversed(candidates) if known(row) == best)
    return candidates[-1]


def addresses_in(path: Path) -> frozenset[str]:
    """The canonical addresses in the column of the file `path` that holds addresses; rows without one are passed over.

    Raises:
        SheetError: it is no list of people.
    """
    list_file = open_list_file(path, {}, must_ask=False)
    keys = set()
    for row in list_file.rows():
        with suppress(InvalidAddressError):
            keys.add(parse_address(address_in(list_file.columns.cell(row, ListField.EMAIL))[0]).key)
    return frozenset(keys)
