"""The rows of an .xlsx, by python-calamine, which is shown nothing that was not looked at before.

calamine makes room for the whole rectangle that a sheet claims, and ends the process where there is no such room. So
every part is unpacked here within bounds, has to be sound XML without a DTD, and has its claims counted; only then is
a new archive of those very bytes handed over.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from lxml import etree
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pvd_mailer.audience.sheet import MAX_COLUMNS, MAX_ROWS, SheetError
from pvd_mailer.i18n import _

__all__ = ["xlsx_rows"]

MAX_UNPACKED = 120 * 1024 * 1024
MAX_MEMBERS = 2000
MAX_CELLS = 4_000_000
MAX_TEXT = 100 * 1024 * 1024
"""Characters in all cells together: a long text that a million cells share is a million long texts once read."""
_NEEDED = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/[^/]+\.xml|xl/_rels/workbook\.xml\.rels|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_PLACE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack without a bound
_CHUNK = 1 << 20


class _BadError(Exception):
    """Not an .xlsx, or a damaged one."""


class _HugeError(Exception):
    """More than a list of people holds."""


def xlsx_rows(raw: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first visible sheet that holds any: number and cells.

    Raises:
        SheetError: it is none, it is damaged, or it claims more than a list of people needs.
    """
    try:
        rows = _read(raw)
    except _HugeError as error:
        raise SheetError(
            _("{file} is larger, once unpacked, than a list of people can be").format(file=name),
            _("Copy the rows that count into a new sheet and save that, or save the sheet as CSV."),
        ) from error
    except _BadError as error:
        raise SheetError(
            _("{file} is not a sound .xlsx file").format(file=name),
            _("Open it in your spreadsheet and save it again, as .xlsx or as CSV."),
        ) from error
    for number, row in enumerate(rows, 1):
        yield number, [_as_text(cell) for cell in row]


def _read(raw: bytes) -> Sequence[Sequence[object]]:
    sound = _checked(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sound))
        for sheet in book.sheets_metadata:
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible:
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                if rows:
                    return rows
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise _BadError from error
    return []


def _checked(raw: bytes) -> bytes:
    """As `_repacked`; every fault is a `_BadError` or a `_HugeError`."""
    try:
        return _repacked(raw)
    except (_BadError, _HugeError, MemoryError):
        raise
    except Exception as error:
        # zipfile, zlib and lxml have a dozen ways to say that bytes are not what they should be.
        raise _BadError from error


def _repacked(raw: bytes) -> bytes:
    """The archive again, with the parts that are needed, each of them sound and within bounds."""
    target = io.BytesIO()
    left, seen, claims = MAX_UNPACKED, set(), _Claims()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(target, "w") as made:
        members = archive.infolist()
        if len(members) > MAX_MEMBERS:
            raise _HugeError
        # The shared texts come first: how much the cells hold is counted by them.
        for member in sorted(members, key=lambda one: "sharedstrings" not in one.filename.casefold()):
            name = member.filename.replace("\\", "/").lstrip("/")
            if not _NEEDED.fullmatch(name):
                continue
            if name.casefold() in seen or member.compress_type not in _PACKED or member.flag_bits & 1:
                raise _BadError
            seen.add(name.casefold())
            data = _unpacked(archive, member, left)
            left -= len(data)
            claims.look(data)
            made.writestr(name, data)
    if "xl/workbook.xml" not in seen:
        raise _BadError
    return target.getvalue()


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    chunks = []
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise _HugeError
            chunks.append(chunk)
    return b"".join(chunks)


class _Claims:
    """Counts what the parts of a workbook claim to hold."""

    def __init__(self) -> None:
        self.shared: list[int] = []
        self.text = 0

    def look(self, data: bytes) -> None:
        """Raise where `data` is not plain XML in UTF-8, or claims too much."""
        rows = columns = number = at = 0
        wanted = ("{*}row", "{*}c", "{*}si")
        tree = etree.iterparse(io.BytesIO(data), ("start", "end"), tag=wanted, resolve_entities=False, no_network=True)
        for event, element in tree:
            kind = element.tag.rpartition("}")[2]
            if event == "start":
                if kind == "row":
                    number, at = _row_number(element.get("r"), number), 0
                elif kind == "c":
                    number, at = _place(element.get("r"), number, at)
                    rows, columns = max(rows, number), max(columns, at)
                    if rows > MAX_ROWS + 1000 or columns > MAX_COLUMNS * 5 or rows * columns > MAX_CELLS:
                        raise _HugeError
                continue
            if kind == "si":
                self.shared.append(sum(len(text) for text in element.itertext()))
            elif kind == "c":
                self._count(element)
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        info = tree.root.getroottree().docinfo
        if info.doctype or (info.encoding or "UTF-8").upper() not in {"UTF-8", "ASCII", "US-ASCII"}:
            raise _BadError

    def _count(self, cell: etree._Element) -> None:
        held = "".join(cell.itertext())
        by_number = cell.get("t") == "s" and held.strip().isdecimal() and int(held) < len(self.shared)
        self.text += self.shared[int(held)] if by_number else len(held)
        if self.text > MAX_TEXT:
            raise _HugeError


def _row_number(said: str | None, before: int) -> int:
    if said is None:
        return before + 1
    if not re.fullmatch("[1-9][0-9]{0,6}", said, re.ASCII):
        raise _BadError
    return int(said)


def _place(said: str | None, row: int, column: int) -> tuple[int, int]:
    """Row and column, counted from 1, of a cell that says where it is, or follows the one before."""
    if said is None:
        return max(row, 1), column + 1
    match = _PLACE.fullmatch(said)
    if not match:
        raise _BadError
    number = 0
    for letter in match[1].upper():
        number = number * 26 + ord(letter) - 64
    return int(match[2]), number


def _as_text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:  # noqa: PLR2004 - as far as all digits are kept
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "minutes")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    return str(cell)
