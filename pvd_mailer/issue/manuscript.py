"""The issue's file as it is written: where each value stands in it, to the character.

A rule finds something in a text as readers see it; an editor looks for it in the file, and `check --fix` writes it
there. Between the two are YAML's ways of writing a text (`|` blocks, quotes with escapes, lines that are folded).
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pvd_mailer.findings import Place, Splice

__all__ = ["Extent", "Manuscript", "Path", "Stand"]

Path = tuple[str | int, ...]
"""The way to a value, such as `("blocks", 3, "body")`."""
Extent = tuple[int, int]
"""Where one character of a value stands in the text of its file: from, to."""

EXCERPT = 200
LONGEST = 4000
"""In characters: beyond it a line is not quoted, not even for a place that stands there."""
_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\n[ \t]*|.)")


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a value stands: offsets of the file's text; `style` is YAML's, `value` is None for lists and groups."""

    start: int
    end: int
    style: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Manuscript:
    """A file of YAML, and where its values stand.

    Attributes:
        file: Its path, as a person reads it.
        raw: Its bytes as they were read.
        text: Its text, lines ended by LF; what offsets count in.
        stands: By the way to each value. A key without a value of its own has no entry.
    """

    file: str
    raw: bytes
    text: str
    stands: Mapping[Path, Stand]

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_at(self, offset: int) -> tuple[int, str]:
        """The number (from 0) and the text of the line around `offset`."""
        number = bisect_right(self._starts, offset) - 1
        start = self._starts[number]
        end = self.text.find("\n", start)
        return number, self.text[start : len(self.text) if end < 0 else end]

    def place(self, start: int, end: int | None = None) -> tuple[Place, str]:
        """The place of `start` (to `end`, as far as its line goes), and its line."""
        number, line = self.line_at(start)
        column = start - self._starts[number]
        length = None if end is None else max(1, min(end - start, len(line) - column))
        wanted = column + (length or 0) + EXCERPT
        return Place(self.file, number + 1, column + 1, length), line[: min(wanted, LONGEST)]

    def stand(self, path: Path) -> Stand | None:
        """Where the value at `path` stands, or else the nearest one above it."""
        while path:
            if path in self.stands:
                return self.stands[path]
            path = path[:-1]
        return self.stands.get(())

    def extents(self, path: Path) -> list[Extent] | None:
        """Where each character of the text at `path` stands; None where that cannot be told for certain."""
        stand = self.stands.get(path)
        if stand is None or stand.value is None:
            return None
        if stand.style == "|":
            return self._literal(stand, stand.value)
        return self._flowing(stand, stand.value)

    def _literal(self, stand: Stand, value: str) -> list[Extent] | None:
        found: list[Extent] = []
        start = self.text.index("\n", stand.start) + 1 if "\n" in self.text[stand.start :] else len(self.text)
        indent: int | None = None
        for line in value.split("\n"):
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            written = self.text[start:end]
            if line:
                indent = len(written) - len(line) if indent is None else indent
                if indent < 0 or written[indent:] != line:
                    return None
                found += [(start + indent + at, start + indent + at + 1) for at in range(len(line))]
            found.append((end, min(end + 1, len(self.text))))
            start = end + 1
        return found[: len(value)]

    def _flowing(self, stand: Stand, value: str) -> list[Extent] | None:
        cursor, end = stand.start, stand.end
        if stand.style == ">":
            cursor = self.text.index("\n", cursor) + 1
            cursor += len(self.text[cursor:]) - len(self.text[cursor:].lstrip(" \n"))
        elif stand.style:
            cursor += 1
        found: list[Extent] = []
        while len(found) < len(value) and cursor < end:
            taken = self._take(cursor, stand.style, value[len(found) :])
            if taken is None:
                return None
            characters, after = taken
            found += [(cursor, after)] * characters
            cursor = after
        return found if len(found) == len(value) else None

    def _take(self, cursor: int, style: str | None, rest: str) -> tuple[int, int] | None:
        """How many characters of the value come next in the file, and where they end there."""
        fold = _FOLD.match(self.text, cursor)
        if fold and (style != ">" or rest[0] in " \n"):
            lines = fold[0].count("\n")
            wanted = " " if lines == 1 else "\n" * (lines - 1)
            if rest.startswith(wanted):
                return len(wanted), fold.end()
            return (len(rest), fold.end()) if not rest.strip("\n") else None
        escape = _ESCAPE.match(self.text, cursor) if style == '"' else None
        if escape:
            return (0 if escape[0][1] == "\n" else 1), escape.end()
        if self.text[cursor] != rest[0]:
            return None
        doubled = style == "'" and self.text.startswith("''", cursor)
        return 1, cursor + (2 if doubled else 1)

    def spliced(self, splices: Iterable[Splice]) -> bytes:
        """The file's bytes with `splices` made; every other byte is as it was.

        Raises:
            ValueError: two splices meet.
        """
        mark = b"\xef\xbb\xbf" if self.raw.startswith(b"\xef\xbb\xbf") else b""
        raw = self.raw[len(mark) :].decode()
        # Where the file ends a line with CR LF, `text` has one character for the two.
        pairs = [match.start() - number for number, match in enumerate(re.finditer("\r\n", raw))]
        parts: list[str] = []
        at = 0
        for splice in sorted(splices):
            start, end = (offset + bisect_right(pairs, offset - 1) for offset in (splice.start, splice.end))
            if start < at:
                raise ValueError(splice)
            parts += [raw[at:start], splice.text]
            at = end
        return mark + "".join([*parts, raw[at:]]).encode()
