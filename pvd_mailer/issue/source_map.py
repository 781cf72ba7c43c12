"""The issue's file as it is written: where each value stands in it, to the character.

A rule finds something in a text as readers see it; an editor looks for it in the file, and `check --fix` writes it
there. Between the two are YAML's ways of writing a text (`|` blocks, quotes with escapes, lines that are folded).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pvd_mailer.findings import Location, Splice

__all__ = ["CharSpan", "KeyPath", "SourceMap", "ValueSpan"]

KeyPath = tuple[str | int, ...]
"""The way to a value, such as `("blocks", 3, "body")`."""
CharSpan = tuple[int, int]
"""Where one character of a value stands in the text of its file: from, to."""

_EXCERPT_LENGTH = 200
_MAX_EXCERPT = 4000
"""In characters: beyond it a line is not quoted, not even for a place that stands there."""
_FOLD = re.compile(r"[ \t]*\n[ \t\n]*")
_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\n[ \t]*|.)")


@dataclass(frozen=True, slots=True)
class ValueSpan:
    """Where a value stands: offsets of the file's text; `style` is YAML's, `value` is None for lists and groups."""

    start: int
    end: int
    style: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class SourceMap:
    """A file of YAML, and where its values stand.

    Attributes:
        file: Its path, as a person reads it.
        raw: Its bytes as they were read.
        text: Its text, lines ended by LF; what offsets count in.
        find_spans: Gives `spans`. A letter without a finding needs none, so they are found when the first is asked for.
    """

    file: str
    raw: bytes
    text: str
    find_spans: Callable[[], Mapping[KeyPath, ValueSpan]] = field(compare=False, repr=False)

    @cached_property
    def spans(self) -> Mapping[KeyPath, ValueSpan]:
        """By the way to each value, where it stands. A key without a value of its own has no entry."""
        return self.find_spans()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_at(self, offset: int) -> tuple[int, str]:
        """The number (from 0) and the text of the line around `offset`."""
        number = bisect_right(self._line_starts, offset) - 1
        start = self._line_starts[number]
        end = self.text.find("\n", start)
        return number, self.text[start : len(self.text) if end < 0 else end]

    def locate(self, start: int, end: int | None = None) -> tuple[Location, str]:
        """The place of `start` (to `end`, as far as its line goes), and its line."""
        number, line = self.line_at(start)
        column = start - self._line_starts[number]
        length = None if end is None else max(1, min(end - start, len(line) - column))
        excerpt_end = column + (length or 0) + _EXCERPT_LENGTH
        return Location(self.file, number + 1, column + 1, length), line[: min(excerpt_end, _MAX_EXCERPT)]

    def nearest_span(self, path: KeyPath) -> ValueSpan | None:
        """Where the value at `path` stands, or else the nearest one above it."""
        while path:
            if path in self.spans:
                return self.spans[path]
            path = path[:-1]
        return self.spans.get(())

    def char_spans(self, path: KeyPath) -> list[CharSpan] | None:
        """Where each character of the text at `path` stands; None where that cannot be told for certain."""
        span = self.spans.get(path)
        if span is None or span.value is None:
            return None
        if span.style == "|":
            return self._literal_spans(span, span.value)
        return self._flow_spans(span, span.value)

    def _literal_spans(self, span: ValueSpan, value: str) -> list[CharSpan] | None:
        spans: list[CharSpan] = []
        start = self.text.index("\n", span.start) + 1 if "\n" in self.text[span.start :] else len(self.text)
        indent: int | None = None
        for line in value.split("\n"):
            end = self.text.find("\n", start)
            end = len(self.text) if end < 0 else end
            written = self.text[start:end]
            if line:
                indent = len(written) - len(line) if indent is None else indent
                if indent < 0 or written[indent:] != line:
                    return None
                spans += [(start + indent + index, start + indent + index + 1) for index in range(len(line))]
            spans.append((end, min(end + 1, len(self.text))))
            start = end + 1
        return spans[: len(value)]

    def _flow_spans(self, span: ValueSpan, value: str) -> list[CharSpan] | None:
        cursor, end = span.start, span.end
        if span.style == ">":
            cursor = self.text.index("\n", cursor) + 1
            cursor += len(self.text[cursor:]) - len(self.text[cursor:].lstrip(" \n"))
        elif span.style:
            cursor += 1
        spans: list[CharSpan] = []
        while len(spans) < len(value) and cursor < end:
            step = self._next_characters(cursor, span.style, value[len(spans) :])
            if step is None:
                return None
            count, step_end = step
            spans += [(cursor, step_end)] * count
            cursor = step_end
        return spans if len(spans) == len(value) else None

    def _next_characters(self, cursor: int, style: str | None, rest: str) -> tuple[int, int] | None:
        """How many characters of the value come next in the file, and where they end there."""
        fold = _FOLD.match(self.text, cursor)
        if fold and (style != ">" or rest[0] in " \n"):
            return _after_fold(fold, rest)
        escape = _ESCAPE.match(self.text, cursor) if style == '"' else None
        if escape:
            return (0 if escape[0][1] == "\n" else 1), escape.end()
        if self.text[cursor] != rest[0]:
            return None
        is_doubled_quote = style == "'" and self.text.startswith("''", cursor)
        return 1, cursor + (2 if is_doubled_quote else 1)

    def apply_splices(self, splices: Iterable[Splice]) -> bytes:
        """The file's bytes with `splices` made; every other byte is as it was.

        Raises:
            ValueError: two splices meet.
        """
        bom = b"\xef\xbb\xbf" if self.raw.startswith(b"\xef\xbb\xbf") else b""
        raw = self.raw[len(bom) :].decode()
        # Where the file ends a line with CR LF, `text` has one character for the two.
        crlf_offsets = [match.start() - index for index, match in enumerate(re.finditer("\r\n", raw))]
        parts: list[str] = []
        position = 0
        for splice in sorted(splices):
            start, end = (offset + bisect_right(crlf_offsets, offset - 1) for offset in (splice.start, splice.end))
            if start < position:
                raise ValueError(splice)
            parts += [raw[position:start], splice.text]
            position = end
        return bom + "".join([*parts, raw[position:]]).encode()


def _after_fold(fold: re.Match[str], rest: str) -> tuple[int, int] | None:
    """The same for a line end of a folded text: one is a space in the value, each further one a line end."""
    lines = fold[0].count("\n")
    folded = " " if lines == 1 else "\n" * (lines - 1)
    if rest.startswith(folded):
        return len(folded), fold.end()
    return (len(rest), fold.end()) if not rest.strip("\n") else None
