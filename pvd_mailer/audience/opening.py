"""A list of people in a file: the row that names its columns, and the rows below it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from pvd_mailer.audience.address import WrongAddressError, canonical
from pvd_mailer.audience.column_matching import NTH, Matching, filled, holds_address
from pvd_mailer.audience.columns import Columns
from pvd_mailer.audience.entries import address_in
from pvd_mailer.audience.formats import ADDRESSES
from pvd_mailer.audience.headings import Field, heading_key, known_field, names_addresses
from pvd_mailer.audience.sheet import Row, SheetError, read_sheet
from pvd_mailer.i18n import _

__all__ = ["Sheet", "addresses_in", "open_list"]

_SAMPLE = 60
"""Rows to look at for the one that names the columns, and for what stands below it."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list of people in a file, which can be read again and again.

    Attributes:
        path: The file.
        columns: What its columns hold.
        stamp: Its size and when it was changed last: what was planned is what is applied.
    """

    path: Path
    columns: Columns
    stamp: tuple[int, int]

    def rows(self) -> Iterator[Row]:
        """The rows below the names of the columns.

        Raises:
            SheetError: it cannot be read, or it is not the file that was opened.
        """
        self._look()
        for row in read_sheet(self.path):
            if row.number > self.columns.header:
                yield row
        self._look()

    def _look(self) -> None:
        if _stamp(self.path) != self.stamp:
            raise SheetError(
                _("{file} was changed while it was read").format(file=self.path.name),
                _("Nothing was imported. Run the command again."),
            )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def open_list(path: Path, wanted: dict[str, str], header_row: int | None = None, *, asks: bool = True) -> Sheet:
    """The list in the file `path`.

    Args:
        path: The file.
        wanted: What `--map` says (`read_map`).
        header_row: The number of the row that names the columns; None to find it.
        asks: Whether a column that looks as if it said who left, and is not understood, stops the import.

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
        bare = _bare_addresses(head, path.name)
        if bare is not None:
            return Sheet(path, bare, stamp)
        header = _find_header(head, wanted)
        sample = [row for row in head if row.number > header.number]
    return Sheet(path, Matching(header, sample, wanted, path.name, asks=asks).columns(), stamp)


def _has_address(row: Row) -> bool:
    return any(map(holds_address, row.cells))


def _bare_addresses(head: Sequence[Row], file: str) -> Columns | None:
    """The columns of a list without names of columns: an address a row, and a name beside it or nothing."""
    if not _has_address(head[0]):
        return None
    places = {at for row in head for at in filled(row)}
    found = {at for row in head for at in filled(row) if holds_address(row.cells[at])}
    if len(places) > 2 or len(found) != 1 or (len(places) == 2 and len(head) == 1):  # noqa: PLR2004 - address and name
        raise SheetError(
            _("the first row of {file} holds an address already, where the columns' names were expected").format(
                file=file
            ),
            _("Add a row above it: email;first_name;last_name"),
        )
    fields = {Field.EMAIL: tuple(found)}
    if rest := places - found:
        fields[Field.LAST_NAME] = tuple(rest)
    return Columns(fields, (), (), tuple(sorted(rest)), ("",) * (max(places) + 1), (), ADDRESSES, 0)


def _find_header(head: Sequence[Row], wanted: dict[str, str]) -> Row:
    """The row that names the columns: above the first address, and below a title, where there is one."""
    first = next((at for at, row in enumerate(head) if _has_address(row)), len(head))
    above = head[:first]
    named = {heading_key(NTH.sub(r"\1", name)) for name in wanted}

    def known(row: Row) -> tuple[bool, int]:
        keys = [heading_key(cell) for cell in row.cells if cell.strip()]
        fields = [known_field(key) for key in keys]
        is_sure = Field.EMAIL in fields or any(key in named for key in keys) or any(map(names_addresses, row.cells))
        return is_sure, sum(field is not None or key in named for field, key in zip(fields, keys, strict=True))

    if first == len(head):  # nobody yet: what is below is no help
        return max(above, key=known)
    best = max(known(row) for row in above)
    if best[0]:
        return next(row for row in reversed(above) if known(row) == best)
    return above[-1]


def addresses_in(path: Path) -> frozenset[str]:
    """The canonical addresses in the column of the file `path` that holds addresses; rows without one are passed over.

    Raises:
        SheetError: it is no list of people.
    """
    sheet = open_list(path, {}, asks=False)
    found = set()
    for row in sheet.rows():
        with suppress(WrongAddressError):
            found.add(canonical(address_in(sheet.columns.cell(row, Field.EMAIL))[0]).key)
    return frozenset(found)
