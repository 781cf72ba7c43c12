"""The parts of an .xlsx beside its rows: which sheet to read, the texts that cells share, which numbers are dates.

An .xlsx is a ZIP of XML. Everything here is bounded, and nothing but sound XML without a DTD is read.
"""

import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO, BinaryIO, Protocol
from xml.parsers import expat

__all__ = ["BadError", "HugeError", "SharedTexts", "Workbook", "read_xml"]

MAX_MEMBERS = 2000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 300
"""How many times its size a workbook may have, unpacked; sheets have ten to thirty times."""
FREE = 20 * 1024 * 1024
"""What may be unpacked whatever the ratio."""
MAX_TEXT = 100 * 1024 * 1024
"""Bytes of all shared texts; they are the one thing that is held."""
MAX_CELL = 32_767
"""Characters, as in Excel: a long text that many cells share is as many long texts once read."""
BLOCK = 4096
"""Texts in a block."""
MAX_FOUND = 100_000
"""Styles, sheets and links to parts."""
_CHUNK = 1 << 14
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack without a bound
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Number formats of ECMA-376 (18.8.30) that write a date or a time."""
_UNWRITTEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""What in a number format is a text, a colour or a condition."""


class BadError(Exception):
    """Not an .xlsx, or a damaged one."""


class HugeError(Exception):
    """More than a list of people holds."""


class SharedTexts:
    """The texts that cells share, as bytes in blocks that never move: a million need little more than they hold."""

    def __init__(self) -> None:
        self.blocks: list[tuple[bytes, array[int]]] = []
        self.coming: list[bytes] = []
        self.size = 0

    def add(self, text: str) -> None:
        """Keep one more."""
        if len(text) > MAX_CELL:
            raise HugeError
        self.coming.append(text.encode("utf-8", "replace"))
        self.size += len(self.coming[-1])
        if self.size > MAX_TEXT:
            raise HugeError
        if len(self.coming) == BLOCK:
            self.blocks.append((b"".join(self.coming), array("I", accumulate(map(len, self.coming)))))
            self.coming = []

    def __getitem__(self, at: int) -> str:
        number, place = divmod(at, BLOCK)
        if at < 0 or number * BLOCK + place >= len(self.blocks) * BLOCK + len(self.coming):
            raise BadError
        if number == len(self.blocks):
            return self.coming[place].decode()
        held, ends = self.blocks[number]
        return held[ends[place - 1] if place else 0 : ends[place]].decode()


@dataclass(slots=True)
class _Budget:
    """How much may still be unpacked."""

    left: int


class _Bounded:
    """A member of the archive, unpacked as it is read, within the budget of the whole."""

    def __init__(self, file: IO[bytes], budget: _Budget) -> None:
        self.file = file
        self.budget = budget

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size if 0 < size < 1 << 20 else 1 << 20)
        self.budget.left -= len(data)
        if self.budget.left < 0:
            raise HugeError
        return data

    def close(self) -> None:
        self.file.close()


@dataclass(slots=True)
class Workbook:
    """What of a workbook is needed to read a sheet.

    Attributes:
        sheets: The names in the archive of the visible worksheets, in their order.
        texts: What cells share.
        dates: Which styles of cells (their places in `cellXfs`) write a date.
        is_1904: Whether days are counted from 1904.
    """

    archive: zipfile.ZipFile
    budget: _Budget
    members: dict[str, zipfile.ZipInfo]
    sheets: list[str] = field(default_factory=list)
    texts: SharedTexts = field(default_factory=SharedTexts)
    dates: frozenset[int] = frozenset()
    is_1904: bool = False

    @classmethod
    def open(cls, file: BinaryIO) -> "Workbook":
        """Read all but the sheets.

        Raises:
            BadError: it is not a sound workbook.
            HugeError: it holds more than a list of people.
        """
        archive = zipfile.ZipFile(file)
        infos = archive.infolist()
        if len(infos) > MAX_MEMBERS:
            raise HugeError
        members: dict[str, zipfile.ZipInfo] = {}
        for one in infos:
            name = one.filename.replace("\\", "/").lstrip("/").casefold()
            if name in members:
                raise BadError
            members[name] = one
        size = file.seek(0, 2)
        book = cls(archive, _Budget(min(MAX_UNPACKED, max(FREE, size * MAX_RATIO))), members)
        book._read_book()
        return book

    def stream(self, name: str) -> _Bounded:
        """The bytes of a member."""
        info = self.members.get(name.casefold())
        if info is None or info.compress_type not in _PACKED or info.flag_bits & 1:
            raise BadError
        return _Bounded(self.archive.open(info), self.budget)

    def _read_book(self) -> None:
        links = _Collected("Relationship")
        self._read("xl/_rels/workbook.xml.rels", links)
        targets: dict[str, tuple[str, str]] = {}
        for _name, one in links.found:
            target = one.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            targets[one.get("Id", "")] = (one.get("Type", "").rpartition("/")[2], path)
        book = _Collected("workbookPr", "sheet")
        self._read("xl/workbook.xml", book)
        for name, one in book.found:
            if name == "workbookPr":
                self.is_1904 = one.get("date1904") in {"1", "true"}
                continue
            reference = next((value for key, value in one.items() if key.rpartition(":")[2] == "id"), "")
            kind, path = targets.get(reference, ("", ""))
            if kind == "worksheet" and one.get("state", "visible") == "visible":
                self.sheets.append(path)
        for kind, path in targets.values():
            if kind == "sharedStrings" and path.casefold() in self.members:
                self._read(path, _Texts(self.texts))
            elif kind == "styles" and path.casefold() in self.members:
                styles = _Collected("numFmt", "cellXfs", "cellStyleXfs", "xf")
                self._read(path, styles)
                self.dates = _dates(styles.found)

    def _read(self, name: str, handler: "Handler") -> None:
        for _chunk in read_xml(self.stream(name), handler):
            pass


class Handler(Protocol):
    """What is told of the elements of a part: their names without a prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Text in it; one text may come in several."""

    def end(self, name: str) -> None:
        """It ends."""


class _Collected:
    """The attributes of elements with certain names."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self.names:
            self.found.append((name, attributes))
            if len(self.found) > MAX_FOUND:
                raise HugeError

    def text(self, text: str) -> None:
        """Nothing: only attributes count."""

    def end(self, name: str) -> None:
        """Nothing."""


class _Texts:
    """The texts that cells share, without how they are read aloud (phonetic runs)."""

    def __init__(self, texts: SharedTexts) -> None:
        self.texts = texts
        self.parts: list[str] = []
        self.takes = False
        self.is_aloud = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        if name == "si":
            self.parts = []
        elif name == "rPh":
            self.is_aloud = True
        elif name == "t":
            self.takes = not self.is_aloud

    def text(self, text: str) -> None:
        if self.takes:
            self.parts.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self.takes = False
        elif name == "rPh":
            self.is_aloud = False
        elif name == "si":
            self.texts.add("".join(self.parts))


def _dates(found: list[tuple[str, dict[str, str]]]) -> frozenset[int]:
    formats: dict[str, str] = {}
    styles: list[str] = []
    is_of_cells = False
    for name, one in found:
        if name == "numFmt":
            formats[one.get("numFmtId", "")] = one.get("formatCode", "")
        elif name == "xf":
            if is_of_cells:
                styles.append(one.get("numFmtId", "0"))
        else:
            is_of_cells = name == "cellXfs"
    return frozenset(at for at, number in enumerate(styles) if _writes_date(number, formats.get(number)))


def _writes_date(number: str, code: str | None) -> bool:
    if code is None:
        return number.isdecimal() and int(number) in _BUILT_IN_DATES
    return re.search("[dmyhs]", _UNWRITTEN.sub("", code).partition(";")[0], re.IGNORECASE) is not None


def read_xml(stream: _Bounded, handler: Handler) -> Iterator[None]:
    """Read a part piece by piece, and tell `handler` of it; after each piece the caller has its turn.

    Raises:
        BadError: it is not plain XML in UTF-8 without a DTD.
        HugeError: it is more than the workbook may hold.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    begin, finish = handler.start, handler.end

    def start(name: str, attributes: dict[str, str]) -> None:
        begin(name[name.find(":") + 1 :], attributes)

    def end(name: str) -> None:
        finish(name[name.find(":") + 1 :])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _look
    try:
        while data := stream.read(_CHUNK):
            parser.Parse(data, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadError from error
    yield


def _refuse(*_told: object) -> None:
    raise BadError


def _look(version: str, encoding: str | None, standalone: int) -> None:
    del version, standalone
    if (encoding or "UTF-8").upper() not in {"UTF-8", "ASCII", "US-ASCII"}:
        raise BadError
