"""The XML of an .xlsx: its members unpacked within one budget, and read piece by piece by expat."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol
from xml.parsers import expat

__all__ = ["BadWorkbookError", "BoundedMember", "HugeWorkbookError", "UnpackBudget", "XmlHandler", "read_xml"]

_CHUNK = 1 << 14


class BadWorkbookError(Exception):
    """Not an .xlsx, or a damaged one."""


class HugeWorkbookError(Exception):
    """More than a list of people holds."""


@dataclass(slots=True)
class UnpackBudget:
    """How much may still be unpacked."""

    remaining: int


class BoundedMember:
    """A member of the archive, unpacked as it is read, within the budget of the whole."""

    def __init__(self, file: IO[bytes], budget: UnpackBudget) -> None:
        self.file = file
        self.budget = budget

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, and a megabyte at most; none at its end.

        Raises:
            HugeWorkbookError: it is more than the budget has left.
        """
        data = self.file.read(size if 0 < size < 1 << 20 else 1 << 20)
        self.budget.remaining -= len(data)
        if self.budget.remaining < 0:
            raise HugeWorkbookError
        return data

    def close(self) -> None:
        """Close it."""
        self.file.close()


class XmlHandler(Protocol):
    """What is told of the elements of a part: their names without a prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Text in it; one text may come in several."""

    def end(self, name: str) -> None:
        """It ends."""


def read_xml(stream: BoundedMember, handler: XmlHandler) -> Iterator[None]:
    """Read a part piece by piece, and tell `handler` of it; after each piece the caller has its turn.

    Raises:
        BadError: it is not plain XML in UTF-8 without a DTD.
        HugeError: it is more than the workbook may hold.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    on_start, on_end = handler.start, handler.end

    def start(name: str, attributes: dict[str, str]) -> None:
        on_start(name[name.find(":") + 1 :], attributes)

    def end(name: str) -> None:
        on_end(name[name.find(":") + 1 :])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _require_utf8
    try:
        while data := stream.read(_CHUNK):
            parser.Parse(data, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise BadWorkbookError from error
    yield


def _refuse_doctype(*_told: object) -> None:
    raise BadWorkbookError


def _require_utf8(version: str, encoding: str | None, standalone: int) -> None:
    del version, standalone
    if (encoding or "UTF-8").upper() not in {"UTF-8", "ASCII", "US-ASCII"}:
        raise BadWorkbookError
