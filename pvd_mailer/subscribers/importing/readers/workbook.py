"""The parts of an .xlsx beside its rows: which sheet to read, the texts that cells share, which numbers are dates.

An .xlsx is a ZIP of XML. Everything here is bounded, and nothing but sound XML without a DTD is read.
"""

import posixpath
import re
import zipfile
from array import array
from dataclasses import dataclass, field
from itertools import accumulate
from typing import BinaryIO

from pvd_mailer.subscribers.importing.readers.xlsx_xml import (
    BadWorkbookError,
    BoundedMember,
    HugeWorkbookError,
    UnpackBudget,
    XmlHandler,
    read_xml,
)

__all__ = ["SharedTexts", "Workbook"]

MAX_MEMBERS = 2000
MAX_UNPACKED = 2 * 1024 * 1024 * 1024
MAX_RATIO = 300
"""How many times its size a workbook may have, unpacked; sheets have ten to thirty times."""
FREE_UNPACKED = 20 * 1024 * 1024
"""What may be unpacked whatever the ratio."""
MAX_SHARED_TEXT = 100 * 1024 * 1024
"""Bytes of all shared texts; they are the one thing that is held."""
MAX_XLSX_CELL_LENGTH = 32_767
"""Characters, as in Excel: a long text that many cells share is as many long texts once read."""
TEXTS_A_BLOCK = 4096
"""Texts in a block."""
MAX_ELEMENTS = 100_000
"""Styles, sheets and links to parts."""
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # others unpack without a bound
_BUILT_IN_DATES = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Number formats of ECMA-376 (18.8.30) that write a date or a time."""
_FORMAT_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
"""What in a number format is a text, a colour or a condition."""


class SharedTexts:
    """The texts that cells share, as bytes in blocks that never move: a million need little more than they hold."""

    def __init__(self) -> None:
        self.blocks: list[tuple[bytes, array[int]]] = []
        self.block: list[bytes] = []
        self.size = 0

    def add(self, text: str) -> None:
        """Keep one more."""
        if len(text) > MAX_XLSX_CELL_LENGTH:
            raise HugeWorkbookError
        self.block.append(text.encode("utf-8", "replace"))
        self.size += len(self.block[-1])
        if self.size > MAX_SHARED_TEXT:
            raise HugeWorkbookError
        if len(self.block) == TEXTS_A_BLOCK:
            self.blocks.append((b"".join(self.block), array("I", accumulate(map(len, self.block)))))
            self.block = []

    def __getitem__(self, index: int) -> str:
        number, position = divmod(index, TEXTS_A_BLOCK)
        if index < 0 or number * TEXTS_A_BLOCK + position >= len(self.blocks) * TEXTS_A_BLOCK + len(self.block):
            raise BadWorkbookError
        if number == len(self.blocks):
            return self.block[position].decode()
        data, ends = self.blocks[number]
        return data[ends[position - 1] if position else 0 : ends[position]].decode()


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
    budget: UnpackBudget
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
            raise HugeWorkbookError
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename.replace("\\", "/").lstrip("/").casefold()
            if name in members:
                raise BadWorkbookError
            members[name] = info
        size = file.seek(0, 2)
        book = cls(archive, UnpackBudget(min(MAX_UNPACKED, max(FREE_UNPACKED, size * MAX_RATIO))), members)
        book._read_book()
        return book

    def stream(self, name: str) -> BoundedMember:
        """The bytes of a member."""
        info = self.members.get(name.casefold())
        if info is None or info.compress_type not in _COMPRESSIONS or info.flag_bits & 1:
            raise BadWorkbookError
        return BoundedMember(self.archive.open(info), self.budget)

    def _read_book(self) -> None:
        links = _AttributeCollector("Relationship")
        self._read("xl/_rels/workbook.xml.rels", links)
        targets: dict[str, tuple[str, str]] = {}
        for _name, attributes in links.elements:
            target = attributes.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            targets[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], path)
        book = _AttributeCollector("workbookPr", "sheet")
        self._read("xl/workbook.xml", book)
        for name, attributes in book.elements:
            if name == "workbookPr":
                self.is_1904 = attributes.get("date1904") in {"1", "true"}
                continue
            reference = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            kind, path = targets.get(reference, ("", ""))
            if kind == "worksheet" and attributes.get("state", "visible") == "visible":
                self.sheets.append(path)
        for kind, path in targets.values():
            if kind == "sharedStrings" and path.casefold() in self.members:
                self._read(path, _SharedTextsHandler(self.texts))
            elif kind == "styles" and path.casefold() in self.members:
                styles = _AttributeCollector("numFmt", "cellXfs", "cellStyleXfs", "xf")
                self._read(path, styles)
                self.dates = _date_styles(styles.elements)

    def _read(self, name: str, handler: "XmlHandler") -> None:
        for _chunk in read_xml(self.stream(name), handler):
            pass


class _AttributeCollector:
    """The attributes of elements with certain names."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.elements: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self.names:
            self.elements.append((name, attributes))
            if len(self.elements) > MAX_ELEMENTS:
                raise HugeWorkbookError

    def text(self, text: str) -> None:
        """Nothing: only attributes count."""

    def end(self, name: str) -> None:
        """Nothing."""


class _SharedTextsHandler:
    """The texts that cells share, without how they are read aloud (phonetic runs)."""

    def __init__(self, texts: SharedTexts) -> None:
        self.texts = texts
        self.parts: list[str] = []
        self.is_in_text = False
        self.is_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        del attributes
        if name == "si":
            self.parts = []
        elif name == "rPh":
            self.is_phonetic = True
        elif name == "t":
            self.is_in_text = not self.is_phonetic

    def text(self, text: str) -> None:
        if self.is_in_text:
            self.parts.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self.is_in_text = False
        elif name == "rPh":
            self.is_phonetic = False
        elif name == "si":
            self.texts.add("".join(self.parts))


def _date_styles(elements: list[tuple[str, dict[str, str]]]) -> frozenset[int]:
    formats: dict[str, str] = {}
    styles: list[str] = []
    is_of_cells = False
    for name, attributes in elements:
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "xf":
            if is_of_cells:
                styles.append(attributes.get("numFmtId", "0"))
        else:
            is_of_cells = name == "cellXfs"
    return frozenset(index for index, number in enumerate(styles) if _writes_date(number, formats.get(number)))


def _writes_date(number: str, code: str | None) -> bool:
    if code is None:
        return number.isdecimal() and int(number) in _BUILT_IN_DATES
    return re.search("[dmyhs]", _FORMAT_LITERALS.sub("", code).partition(";")[0], re.IGNORECASE) is not None
