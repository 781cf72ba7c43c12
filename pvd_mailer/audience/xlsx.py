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

from pvd_mailer.audience.sheet import MAX_COLUMNS, MAX_ROWS, SheetError
from pvd_mailer.audience.workbook import BadError, HugeError, Workbook, read_xml
from pvd_mailer.i18n import _

__all__ = ["xlsx_rows"]

MAX_LINES = 2 * MAX_ROWS
"""The highest number of a row."""
MAX_MERGED = 100_000
MAX_PARTS = 1000
"""Pieces of one text, of some thousand characters each."""
_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]{0,200}?ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_OVERLAP = 400
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - a spreadsheet knows no zones
_LAST_DAY = 2_958_465
"""The last day of the year 9999."""

_LETTERS = [
    *string.ascii_uppercase,
    *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase),
][: MAX_COLUMNS + 1]

Line = tuple[int, list[str], bool]


def xlsx_rows(file: BinaryIO, name: str) -> Iterator[Line]:
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
    except HugeError as error:
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
class _Merged:
    """Cells of one column that are one; the first has what they hold."""

    column: int
    first: int
    last: int
    text: str = ""


def _rows(book: Workbook, sheet: str) -> Iterator[Line]:
    merged = _merged(book, sheet)
    coming = iter(merged)
    ahead = next(coming, None)
    active: list[_Merged] = []
    reading = _Sheet(book)
    for _chunk in read_xml(book.stream(sheet), reading):
        done, reading.done = reading.done, []
        for number, cells, is_hidden in done:
            while ahead is not None and ahead.first <= number:
                active.append(ahead)
                ahead = next(coming, None)
            if active:
                active = [one for one in active if one.last >= number]
                _fill(active, cells, number)
            yield number, cells, is_hidden


class _Sheet:
    """Makes rows of the elements of a sheet."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.done: list[Line] = []
        self.number = 0
        self.line = "0"
        self.is_hidden = False
        self.cells: list[str] = []
        self.kind = "n"
        self.style = "0"
        self.parts: list[str] = []
        self.takes = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            said, place = attributes.get("r"), len(self.cells)
            if (
                said != _LETTERS[min(place, MAX_COLUMNS)] + self.line
            ):  # else it follows the one before, as nearly all do
                place = _column(said, self.number, place - 1)
            if place >= MAX_COLUMNS * 5:
                raise HugeError
            while len(self.cells) < place:
                self.cells.append("")
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.parts = []
        elif name in {"v", "t"}:
            self.takes = True
        elif name == "row":
            self.number = _row_number(attributes.get("r"), self.number)
            self.is_hidden = attributes.get("hidden") in {"1", "true"} or attributes.get("ht") == "0"
            self.line = str(self.number)
            self.cells = []

    def text(self, text: str) -> None:
        if self.takes:
            self.parts.append(text)
            if len(self.parts) > MAX_PARTS:
                raise HugeError

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self.takes = False
        elif name == "c":
            self.cells.append(_text(self.kind, "".join(self.parts), self.style, self.book))
        elif name == "row":
            self.done.append((self.number, self.cells, self.is_hidden))
            self.cells = []


def _fill(active: list[_Merged], cells: list[str], number: int) -> None:
    for one in active:
        if one.column >= len(cells):
            cells.extend([""] * (one.column + 1 - len(cells)))
        if one.first == number:
            one.text = cells[one.column]
        elif not cells[one.column]:
            cells[one.column] = one.text


def _merged(book: Workbook, sheet: str) -> list[_Merged]:
    """The cells that are merged over several rows, from above; they stand behind the rows, and are needed before."""
    found: list[_Merged] = []
    stream, before = book.stream(sheet), b""
    while data := stream.read():
        window = before + data
        for match in _MERGED.finditer(window):
            (column, first), (_last, last) = _place(match[1].decode()), _place(match[2].decode())
            if last > first and column < MAX_COLUMNS:
                found.append(_Merged(column, first, last))
        if len(found) > MAX_MERGED:
            raise HugeError
        before = window[-_OVERLAP:] if b"mergeCell" in window[-_OVERLAP:] else b""
    return sorted({(one.column, one.first): one for one in found}.values(), key=lambda one: one.first)


def _row_number(said: str | None, before: int) -> int:
    if said is None:
        return before + 1
    if not re.fullmatch("[1-9][0-9]{0,6}", said, re.ASCII) or int(said) <= before:
        raise BadError
    if int(said) > MAX_LINES:
        raise HugeError
    return int(said)


def _column(said: str | None, row: int, before: int) -> int:
    """The place in its row, counted from 0, of a cell that says where it is, or follows the one before."""
    if said is None:
        return before + 1
    column, number = _place(said)
    if number != row or column <= before:
        raise BadError
    return column


def _place(said: str) -> tuple[int, int]:
    """Column, counted from 0, and row, counted from 1."""
    match = _PLACE.fullmatch(said)
    if not match:
        raise BadError
    number = 0
    for letter in match[1].upper():
        number = number * 26 + ord(letter) - 64
    if number > MAX_COLUMNS * 5:
        raise HugeError
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
    found = float(value)
    if is_date and 1 <= found <= _LAST_DAY:
        moment = _DAY_ZERO[is_1904] + timedelta(days=int(found), seconds=round(found % 1 * 86400))
        return moment.date().isoformat() if not found % 1 else moment.isoformat(" ", "seconds")
    if found.is_integer() and abs(found) < 1e15:  # noqa: PLR2004 - as far as all digits are kept
        return str(int(found))
    return str(found)
