"""A file of rows: CSV as Excel, LibreOffice and others write it, or .xlsx. Whatever it holds, it is bounded."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.errors import WrongUsageError, reason
from pvd_mailer.i18n import _

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Row", "SheetError", "read_sheet"]

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 200
_DELIMITERS = ";,\t|"
_SAMPLE = 4000
"""Characters to look at for what stands between cells, where the columns' names do not tell."""
_OLE = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and any workbook with a password


class SheetError(WrongUsageError):
    """A file that rows cannot be read from."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty."""

    number: int
    """As the spreadsheet shows it in its margin."""
    cells: tuple[str, ...]


def read_sheet(path: Path) -> Iterator[Row]:
    """The rows of `path` that hold anything, the first of which names the columns.

    What it is, is told from its content: the ending of the name does not matter. Of an .xlsx, the first visible sheet.

    Raises:
        SheetError: it cannot be read, it is neither, or it is larger than any list of people.
    """
    raw = _bytes(path)
    if raw.startswith(b"PK"):
        from pvd_mailer.audience.xlsx import xlsx_rows  # noqa: PLC0415 - most lists are CSV, and lxml takes its time

        rows = xlsx_rows(raw, path.name)
    elif raw.startswith(_OLE):
        raise SheetError(
            _("{file} is an old .xls file, or has a password").format(file=path.name),
            _("In the spreadsheet, save it as .xlsx or CSV, without a password."),
        )
    else:
        rows = _csv_rows(_text(raw), path.name)
    kept = 0
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        kept += 1
        if kept > MAX_ROWS + 1:
            raise SheetError(
                _("{file} has more than {most} rows").format(file=path.name, most=MAX_ROWS), _("Split it.")
            )
        if len(cells) > MAX_COLUMNS and any(cell.strip() for cell in cells[MAX_COLUMNS:]):
            raise SheetError(
                _("{file}, row {row}: more than {most} columns").format(file=path.name, row=number, most=MAX_COLUMNS),
                _("Keep the columns that describe people."),
            )
        yield Row(number, tuple(cells[:MAX_COLUMNS]))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SheetError(
            _("the list {file} cannot be read: {reason}").format(file=path, reason=reason(error)),
            _("Give a CSV or .xlsx file; subscribers/sample.csv shows how it looks."),
        ) from error
    if len(raw) > MAX_BYTES:
        raise SheetError(_("the list {file} is larger than 50 MB").format(file=path), _("Split it."))
    return raw


def _text(raw: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or what Windows writes in Western Europe; line by line, as lists get pasted."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_line(line) for line in raw.splitlines(keepends=True))


def _line(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


class _Lines:
    """The lines of a text, and those of the record that is being read."""

    def __init__(self, text: str) -> None:
        self.lines = io.StringIO(text, newline="")
        self.held: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.lines:
            self.held.append(line)
            yield line


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    head, _end, rest = text.partition("\n")
    if head.casefold().startswith("sep=") and len(head.strip()) <= len("sep=;"):
        delimiter, text = head[4:5], rest  # Excel's own mark, which it does not count as a row
        if not delimiter.strip(" \r"):
            delimiter = ";"
    else:
        delimiter = _delimiter(head) or _delimiter(text[:_SAMPLE]) or _DELIMITERS[0]
    lines = _Lines(text)
    records = csv.reader(iter(lines), delimiter=delimiter)
    number = 0
    while True:
        number += 1
        try:
            cells = next(records, None)
        except csv.Error as error:
            raise _unclosed(name, number) from error
        if cells is None:
            return
        if len(lines.held) > 1 or not lines.held[0].endswith(("\n", "\r")):
            _look_closed(lines.held, delimiter, name, number)
        lines.held.clear()
        yield number, cells


def _delimiter(text: str) -> str:
    """What stands most often between quoted cells; nothing where none of them does."""
    outside = "".join(text.split('"')[::2])
    found = max(_DELIMITERS, key=outside.count)
    return found if found in outside else ""


def _look_closed(held: list[str], delimiter: str, name: str, number: int) -> None:
    """Raise where the file ends inside quotation marks: one that was never closed has swallowed what followed."""
    try:
        next(csv.reader(held, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "end of data" in str(error):
            raise _unclosed(name, number) from error


def _unclosed(name: str, number: int) -> SheetError:
    return SheetError(
        _("{file}, row {row}: a quotation mark is opened and never closed, so where the row ends is not clear").format(
            file=name, row=number
        ),
        _("Remove the quotation mark, or save the file again from your spreadsheet."),
    )
