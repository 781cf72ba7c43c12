"""The rows of a CSV file, as Excel, LibreOffice and others write it."""

import csv
from collections.abc import Iterator
from itertools import chain, islice

from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.list_fields import may_hold_addresses
from pvd_mailer.subscribers.importing.readers.lines import LongLineError
from pvd_mailer.subscribers.importing.readers.sheet import SheetError, SheetRow

__all__ = ["csv_rows"]

_DELIMITERS = ";,\t|"
_SAMPLE = 40
"""Lines to look at for what stands between cells."""


class _RecordedLines:
    """The lines of a text, and those of the record that is being read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.record_lines: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.record_lines.append(line)
            yield line


def csv_rows(source: Iterator[str], name: str) -> Iterator[SheetRow]:
    """The rows of the CSV file whose lines are `source`; `name` is what it is called in messages.

    Raises:
        SheetError: a line is longer than any list has, or a quotation mark is never closed.
    """
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
