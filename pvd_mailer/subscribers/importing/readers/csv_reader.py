"""A file of rows: CSV as Excel, LibreOffice and others write it, or .xlsx. Whatever it holds, it is bounded.

Rows come one by one, and the file is never held as a whole: a million people need no more memory than a thousand.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from pvd_mailer.errors import WrongUsageError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.headings import may_hold_addresses
from pvd_mailer.subscribers.importing.readers.lines import LongLineError, text_lines

__all__ = ["MAX_LIST_COLUMNS", "MAX_LIST_ROWS", "SheetError", "SheetRow", "read_sheet"]

MAX_LIST_BYTES = 500 * 1024 * 1024
MAX_LIST_ROWS = 2_000_000
MAX_LIST_COLUMNS = 200
_DELIMITERS = ";,\t|"
_SAMPLE = 40
"""Lines to look at for what stands between cells."""
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and any workbook with a password


class SheetError(WrongUsageError):
    """A file that rows cannot be read from."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row that is not empty."""

    number: int
    """As the spreadsheet shows it in its margin."""
    cells: tuple[str, ...]
    is_hidden: bool = False
    """Whether the spreadsheet does not show it: a filter, or somebody, hides it."""
    swallows_rows: bool = False
    """Whether a cell holds what looks like rows: a quotation mark too many has swallowed them."""


def read_sheet(path: Path) -> Iterator[SheetRow]:
    """The rows of `path` that hold anything.

    What it is, is told from its content: the ending of the name does not matter. Of an .xlsx, the first visible sheet.

    Raises:
        SheetError: it cannot be read, it is neither, it is larger than any list of people, or it changed meanwhile.
    """
    count = 0
    for row in _rows(path):
        if not any(map(str.strip, row.cells)):
            continue
        count += 1
        if count > MAX_LIST_ROWS + 1:
            raise SheetError(
                _("{file} has more than {most} rows").format(file=path.name, most=MAX_LIST_ROWS), _("Split it.")
            )
        if len(row.cells) > MAX_LIST_COLUMNS:
            if any(map(str.strip, row.cells[MAX_LIST_COLUMNS:])):
                raise SheetError(
                    _("{file}, row {row}: more than {most} columns").format(
                        file=path.name, row=row.number, most=MAX_LIST_COLUMNS
                    ),
                    _("Keep the columns that describe people."),
                )
            row = SheetRow(row.number, row.cells[:MAX_LIST_COLUMNS], row.is_hidden, row.swallows_rows)  # noqa: PLW2901 - the same row, cut
        yield row


def _rows(path: Path) -> Iterator[SheetRow]:
    try:
        with path.open("rb") as file:
            if path.stat().st_size > MAX_LIST_BYTES:
                raise SheetError(_("the list {file} is larger than 500 MB").format(file=path), _("Split it."))
            head = file.read(len(_OLE_MAGIC))
            file.seek(0)
            if head.startswith(b"PK"):
                from pvd_mailer.subscribers.importing.readers.xlsx_reader import xlsx_rows  # noqa: PLC0415 - most lists are CSV; lxml takes its time

                for number, cells, is_hidden in xlsx_rows(file, path.name):
                    yield SheetRow(number, tuple(cells), is_hidden)
            elif head.startswith(_OLE_MAGIC):
                raise SheetError(
                    _("{file} is an old .xls file, or has a password").format(file=path.name),
                    _("In the spreadsheet, save it as .xlsx or CSV, without a password."),
                )
            else:
                yield from _csv_rows(text_lines(file), path.name)
    except OSError as error:
        raise SheetError(
            _("the list {file} cannot be read: {reason}").format(file=path, reason=os_error_reason(error)),
            _("Give a CSV or .xlsx file; subscribers/sample.csv shows how it looks."),
        ) from error


class _RecordedLines:
    """The lines of a text, and those of the record that is being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.record_lines: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.record_lines.append(line)
            yield line


def _csv_rows(source: Iterator[str], name: str) -> Iterator[SheetRow]:
    try:
        head = list(islice(source, _SAMPLE))
        if head and head[0].casefold().startswith("sep=") and len(head[0].strip()) <= len("sep=;"):
            separator = head.pop(0)[4:5]  # Excel's own, which it does not count as a row
            delimiter = separator if separator.strip(" \r\n") else ";"
        else:
            delimiter = _delimiter(head)
        yield from _records(_RecordedLines(chain(head, source)), delimiter, name)
    except LongLineError as error:
        raise SheetError(
            _("{file} has a line of more than eight million characters").format(file=name),
            _("Save the file again from your spreadsheet, as CSV."),
        ) from error


def _records(lines: _RecordedLines, delimiter: str, name: str) -> Iterator[SheetRow]:
    records = csv.reader(iter(lines), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            cells = next(records, None)
        except csv.Error as error:
            raise _unclosed_quote_error(name, number) from error
        if cells is None:
            return
        swallows_rows = False
        if len(lines.record_lines) > 1 or not lines.record_lines[0].endswith(("\n", "\r")):
            _require_closed_quotes(lines.record_lines, delimiter, name, number)
            swallows_rows = any(_holds_rows(cell, delimiter) for cell in cells)
        lines.record_lines.clear()
        yield SheetRow(number, tuple(cells), swallows_rows=swallows_rows)


def _holds_rows(cell: str, delimiter: str) -> bool:
    return "\n" in cell and any("@" in line and delimiter in line for line in cell.splitlines())


def _delimiter(head: list[str]) -> str:
    """What stands between cells: by the row that names the columns, else what stands most often outside quotes."""
    for line in head:
        for candidate in _DELIMITERS:
            cells = [cell.strip().strip('"') for cell in line.split(candidate)]
            if len(cells) > 1 and any(map(may_hold_addresses, cells)):
                return candidate
    return (head and _most_frequent(head[0])) or _most_frequent("".join(head)) or _DELIMITERS[0]


def _most_frequent(text: str) -> str:
    """What stands most often between quoted cells; nothing where none of them does."""
    outside = "".join(text.split('"')[::2])
    candidate = max(_DELIMITERS, key=outside.count)
    return candidate if candidate in outside else ""


def _require_closed_quotes(record_lines: list[str], delimiter: str, name: str, number: int) -> None:
    """Raise where the file ends inside quotation marks: one that was never closed has swallowed what followed."""
    try:
        next(csv.reader(record_lines, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "end of data" in str(error):
            raise _unclosed_quote_error(name, number) from error


def _unclosed_quote_error(name: str, number: int) -> SheetError:
    return SheetError(
        _("{file}, row {row}: a quotation mark is opened and never closed, so where the row ends is not clear").format(
            file=name, row=number
        ),
        _("Remove the quotation mark, or save the file again from your spreadsheet."),
    )
