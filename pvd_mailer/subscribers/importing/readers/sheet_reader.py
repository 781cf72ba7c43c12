"""Reads a file of rows: CSV as Excel, LibreOffice and others write it, or .xlsx; its content says which.

Rows come one by one, and the file is never held as a whole: a million people need no more memory than a thousand.
"""

from collections.abc import Iterator
from pathlib import Path

from pvd_mailer.errors import os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.importing.readers.csv_reader import csv_rows
from pvd_mailer.subscribers.importing.readers.lines import text_lines
from pvd_mailer.subscribers.importing.readers.sheet import MAX_LIST_COLUMNS, MAX_LIST_ROWS, SheetError, SheetRow

__all__ = ["read_sheet"]

MAX_LIST_BYTES = 500 * 1024 * 1024
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and any workbook with a password


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
                yield from csv_rows(text_lines(file), path.name)
    except OSError as error:
        raise SheetError(
            _("the list {file} cannot be read: {reason}").format(file=path, reason=os_error_reason(error)),
            _("Give a CSV or .xlsx file; subscribers/sample.csv shows how it looks."),
        ) from error
