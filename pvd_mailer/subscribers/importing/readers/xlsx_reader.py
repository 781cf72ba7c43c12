"""The rows of an .xlsx, one by one, with what a spreadsheet shows of them: hidden rows, merged cells, dates.

Libraries for workbooks hold a sheet as a whole, or do not tell hidden rows; both matter here more than the rest of what
they do. So the rows are read from the XML itself, by expat, which holds nothing of what it has read.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.readers.sheet import MAX_LIST_COLUMNS, MAX_LIST_ROWS, SheetError
from pvd_mailer.subscribers.importing.readers.workbook import Workbook
from pvd_mailer.subscribers.importing.readers.xlsx_xml import BadWorkbookError, HugeWorkbookError, read_xml

__all__ = ["xlsx_rows"]

MAX_XLSX_ROW_NUMBER = 2 * MAX_LIST_ROWS
"""The highest number of a row."""
MAX_MERGED_RANGES = 100_000
MAX_TEXT_PIECES = 1000
"""Pieces of one text, of some thousand characters each."""
_CELL_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_MERGE_CELL = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_OVERLAP = 400
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a spreadsheet knows no zones
_LAST_DAY = 2_958_465
"""The last day of the year 9999."""

_LETTERS = [
    *string.ascii_uppercase,
    *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase),
][: MAX_LIST_COLUMNS + 1]

XlsxRow = tuple[int, list[str], bool]


def xlsx_rows(file: BinaryIO, name: str) -> Iterator[XlsxRow]:
    """The rows of the first visible sheet that holds any: number, cells, and whether the sheet hides the row.

    Raises:
        SheetError: it is none, it is damaged, or it claims more than a list of people needs.
    """
    try:
        book = Workbook.open(file)
        for sheet in book.sheets:
            rows = _rows(book, sheet)
            first = next(rows, None)
            if first is not None:
                yield first
                yield from rows
                return
    except HugeWorkbookError as error:
        raise SheetError(
            _("{file} is larger, once unpacked, than a list of people can be").format(file=name),
            _("Copy the rows that count into a new sheet and save that, or save the sheet as CSV."),
        ) from error
    except (MemoryError, SheetError, OSError, GeneratorExit):
        raise
    except Exception as error:
        # zipfile, zlib and lxml have a dozen ways to say that bytes are not what they should be.
        raise SheetError(
            _("{file} is not a sound .xlsx file").format(file=name),
            _("Open it in your spreadsheet and save it again, as .xlsx or as CSV."),
        ) from error


@dataclass(slots=True)
class _MergedColumn:
    """Cells of one column that are one; the first has what they hold."""

    column: int
    first: int
    last: int
    text: str = ""


def _rows(book: Workbook, sheet: str) -> Iterator[XlsxRow]:
    merged = _merged_columns(book, sheet)
    upcoming = iter(merged)
    next_merged = next(upcoming, None)
    active: list[_MergedColumn] = []
    handler = _SheetHandler(book)
    for _chunk in read_xml(book.stream(sheet), handler):
        finished, handler.rows = handler.rows, []
        for number, cells, is_hidden in finished:
            while next_merged is not None and next_merged.first <= number:
                active.append(next_merged)
                next_merged = next(upcoming, None)
            if active:
                active = [column for column in active if column.last >= number]
                _fill_merged(active, cells, number)
            yield number, cells, is_hidden


class _SheetHandler:
    """Makes rows of the elements of a sheet."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.rows: list[XlsxRow] = []
        self.number = 0
        self.row_text = "0"
        self.is_hidden = False
        self.cells: list[str] = []
        self.kind = "n"
        self.style = "0"
        self.parts: list[str] = []
        self.is_in_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference, column = attributes.get("r"), len(self.cells)
            if (
                reference != _LETTERS[min(column, MAX_LIST_COLUMNS)] + self.row_text
            ):  # else it follows the one before, as nearly all do
                column = _column(reference, self.number, column - 1)
            if column >= MAX_LIST_COLUMNS * 5:
                raise HugeWorkbookError
            while len(self.cells) < column:
                self.cells.append("")
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.parts = []
        elif name in {"v", "t"}:
            self.is_in_value = True
        elif name == "row":
            self.number = _row_number(attributes.get("r"), self.number)
            self.is_hidden = attributes.get("hidden") in {"1", "true"} or attributes.get("ht") == "0"
            self.row_text = str(self.number)
            self.cells = []

    def text(self, text: str) -> None:
        if self.is_in_value:
            self.parts.append(text)
            if len(self.parts) > MAX_TEXT_PIECES:
                raise HugeWorkbookError

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self.is_in_value = False
        elif name == "c":
            self.cells.append(_text(self.kind, "".join(self.parts), self.style, self.book))
        elif name == "row":
            self.rows.append((self.number, self.cells, self.is_hidden))
            self.cells = []


def _fill_merged(active: list[_MergedColumn], cells: list[str], number: int) -> None:
    for merged in active:
        if merged.column >= len(cells):
            cells.extend([""] * (merged.column + 1 - len(cells)))
        if merged.first == number:
            merged.text = cells[merged.column]
        elif not cells[merged.column]:
            cells[merged.column] = merged.text


def _merged_columns(book: Workbook, sheet: str) -> list[_MergedColumn]:
    """The cells that are merged over several rows, from above; they stand behind the rows, and are needed before."""
    columns: list[_MergedColumn] = []
    stream, tail = book.stream(sheet), b""
    while data := stream.read():
        window = tail + data
        for match in _MERGE_CELL.finditer(window):
            (column, first), (_last, last) = _parse_reference(match[1].decode()), _parse_reference(match[2].decode())
            if last > first and column < MAX_LIST_COLUMNS:
                columns.append(_MergedColumn(column, first, last))
        if len(columns) > MAX_MERGED_RANGES:
            raise HugeWorkbookError
        tail = window[-_OVERLAP:] if b"mergeCell" in window[-_OVERLAP:] else b""
    return sorted(
        {(merged.column, merged.first): merged for merged in columns}.values(), key=lambda merged: merged.first
    )


def _row_number(text: str | None, previous: int) -> int:
    if text is None:
        return previous + 1
    if not re.fullmatch("[1-9][0-9]{0,6}", text, re.ASCII) or int(text) <= previous:
        raise BadWorkbookError
    if int(text) > MAX_XLSX_ROW_NUMBER:
        raise HugeWorkbookError
    return int(text)


def _column(reference: str | None, row: int, previous: int) -> int:
    """The place in its row, counted from 0, of a cell that says where it is, or follows the one before."""
    if reference is None:
        return previous + 1
    column, number = _parse_reference(reference)
    if number != row or column <= previous:
        raise BadWorkbookError
    return column


def _parse_reference(reference: str) -> tuple[int, int]:
    """Column, counted from 0, and row, counted from 1."""
    match = _CELL_REFERENCE.fullmatch(reference)
    if not match:
        raise BadWorkbookError
    number = 0
    for letter in match[1].upper():
        number = number * 26 + ord(letter) - 64
    if number > MAX_LIST_COLUMNS * 5:
        raise HugeWorkbookError
    return number - 1, int(match[2])


def _text(kind: str, value: str, style: str, book: Workbook) -> str:
    """What a cell of that kind (ECMA-376, 18.18.11) shows."""
    if kind == "s":
        return book.texts[int(value)] if value else ""
    if kind == "b":
        return "true" if value == "1" else "false" if value else ""
    if kind == "e":
        return ""
    if kind != "n" or not value:
        return value
    return _number(value, is_date=style.isdecimal() and int(style) in book.dates, is_1904=book.is_1904)


def _number(value: str, *, is_date: bool, is_1904: bool) -> str:
    """A number as people write it; one that is shown as a date, as that date."""
    number = float(value)
    if is_date and 1 <= number <= _LAST_DAY:
        moment = _DAY_ZERO[is_1904] + timedelta(days=int(number), seconds=round(number % 1 * 86400))
        return moment.date().isoformat() if not number % 1 else moment.isoformat(" ", "seconds")
    if number.is_integer() and abs(number) < 1e15:  # noqa: PLR2004 - as far as all digits are kept
        return str(int(number))
    return str(number)
