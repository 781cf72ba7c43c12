"""The lines of a text file, whatever its encoding: UTF-8, UTF-16, or what Windows writes in Western Europe."""

import io
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["LongLineError", "text_lines"]

MAX_LINE = 8 * 1024 * 1024
"""Characters; a line of the most columns, each as long as a spreadsheet allows, is shorter."""
_SAMPLE = 4096
_NUL_SHARE = 0.3
"""Of the bytes at odd (or even) places that are NUL in UTF-16 of a European language; a binary file has fewer."""


class LongLineError(Exception):
    """A line that no list of people has."""


def text_lines(file: BinaryIO) -> Iterator[str]:
    """The lines with their ends, one after the other; the file is never held as a whole.

    Each line is decoded by itself where the file is not UTF-16: lists get pasted together.

    Raises:
        LongLineError: a line is longer than MAX_LINE.
    """
    utf16 = _utf16(file.read(_SAMPLE))
    file.seek(0)
    if utf16:
        yield from _lines(io.TextIOWrapper(file, encoding=utf16, errors="replace", newline=""))
        return
    for line in _lines(io.TextIOWrapper(file, encoding="latin-1", newline="")):  # one character a byte, as yet
        yield line if line.isascii() else _decode(line.encode("latin-1"))


def _utf16(head: bytes) -> str:
    """The name of the encoding where it is UTF-16, with its mark or without one; else nothing."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    pairs = len(head) // 2
    if not pairs:
        return ""
    even, odd = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    if odd > _NUL_SHARE and not even:
        return "utf-16-le"
    return "utf-16-be" if even > _NUL_SHARE and not odd else ""


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    try:
        while line := text.readline(MAX_LINE):
            if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
                raise LongLineError
            yield line
    finally:
        text.detach()  # closing the file is for who opened it


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")
