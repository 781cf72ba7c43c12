"""Every text of the issue as readers read it, each with its place: what rules on language look through."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise

from markdown_it.token import Token
from pydantic import BaseModel

from pvd_mailer.check.entities import blotted
from pvd_mailer.check.inline import align, reading
from pvd_mailer.check.tongues import is_aside, is_foreign
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import BlockBase
from pvd_mailer.issue.manuscript import Extent, Manuscript, Path
from pvd_mailer.issue.prose import Prose

__all__ = ["FILLER", "Kind", "Passage", "passages"]

FILLER = "\ufffc"
"""Stands for each character that no rule on language looks at: neither a letter, nor a blank, nor punctuation."""

# Values that are no text: names, addresses and choices.
_NO_TEXT = frozenset({
    "id", "type", "note", "waive", "publication", "lang", "override", "url", "file", "dark_file", "image_position",
    "zone", "transcript",
})  # fmt: skip
_TLD = r"(?:com|org|net|eu|fr|gouv|info|paris|bzh|example|test|invalid|io|tv|be|ch|ca|re|uk)"
# Addresses of pages and of people, hashtags, accounts, and names of files.
_SKIPPED = re.compile(
    r"""
      (?:https?://|www\.)[^\s<>«»"]*[^\s<>«»",.;:!?)\]…’']
    | (?<![\w.+'’-])[\w.+'’-]+@[\w-]+(?:\.[\w-]+)+
    | (?<![\w])[#@]\w[\w-]*
    | (?<![\w.-])[\w-]+(?:\.[\w-]+)*\.TLD(?:/[^\s<>«»",;)]*[^\s<>«»",.;:!?)\]…’'])?(?![\w-])
    | (?<![\w.-])[\w-]+\.(?:pdf|docx?|xlsx?|odt|ods|pptx?|csv|zip|png|jpe?g|gif|yaml|html?|txt)\b
    """.replace("TLD", _TLD),
    re.VERBOSE | re.IGNORECASE,
)
_BLANKS = re.compile(r"[\n\t\r\u2028\u2029 ]+")


class Kind(StrEnum):
    """What a text is in the letter."""

    SHORT = "short"
    """On one line: a title, a label, an alt."""
    PARAGRAPH = "paragraph"
    ITEM = "item"
    """Of a list."""


@dataclass(frozen=True)
class Passage:
    """One text of the issue: a short text whole, or one paragraph or list item of a rich text.

    Attributes:
        path: The way to the value, such as `("blocks", 3, "items", 0, "body")`.
        block: The id of its block; None outside of blocks.
        kind: What it is in the letter.
        text: As a reader reads it: no Markdown, a line's end as a space.
        lang: The language that the letter is written in.
    """

    path: Path
    block: str | None
    kind: Kind
    text: str
    lang: str
    manuscript: Manuscript
    names: "re.Pattern[str] | None" = None
    value: str = ""
    inline: Token | None = None

    @property
    def key(self) -> str:
        """The key that it stands under, such as `title` or `alt`."""
        return next(step for step in reversed(self.path) if isinstance(step, str))

    @cached_property
    def plain(self) -> str:
        """`text`, as long, with `FILLER` where no rule on language looks.

        That is where links, addresses, hashtags, words with HTML's entities and the publication's names stand, and
        words in italics in the other language.
        """
        found = self._words
        for start, end in self._spans("em"):
            if is_aside(found[start:end], self.lang):
                found = found[:start] + FILLER * (end - start) + found[end:]
        return found

    @cached_property
    def _words(self) -> str:
        found = blotted(_SKIPPED.sub(_filled, self.text), FILLER)
        return self.names.sub(_filled, found) if self.names else found

    @cached_property
    def is_foreign(self) -> bool:
        """Whether the whole of it is certainly in the other language than the letter."""
        return is_foreign(self._words, self.lang)

    @cached_property
    def links(self) -> tuple[tuple[int, int, str], ...]:
        """Where the words of its links stand in `text`, and their targets."""
        found: list[tuple[int, int, str]] = []
        at, since, target = 0, 0, ""
        for token in self.inline.children or () if self.inline else ():
            if token.type == "link_open":
                since, target = at, str(token.attrs["href"])
            elif token.type == "link_close":
                found.append((since, at, target))
            elif token.type in ("softbreak", "hardbreak"):
                at += 1
            else:
                at += len(token.content)
        return tuple(found)

    @cached_property
    def superscripts(self) -> tuple[tuple[int, int], ...]:
        """Where superscript stands in `text`."""
        return tuple(self._spans("sup"))

    def _spans(self, mark: str) -> Iterator[tuple[int, int]]:
        """What of `text` stands between marks of one kind."""
        at = since = 0
        for token in self.inline.children or () if self.inline else ():
            if token.type == f"{mark}_open":
                since = at
            elif token.type == f"{mark}_close":
                yield since, at
            elif token.type in ("softbreak", "hardbreak"):
                at += 1
            else:
                at += len(token.content)

    @cached_property
    def _stands(self) -> tuple[list[Extent], dict[int, int]] | None:
        """Where each character of `text` stands in the file, and by offset where marks open; None if not certain."""
        in_file = self.manuscript.extents(self.path)
        stand = self.manuscript.stands.get(self.path)
        if in_file is None or stand is None or stand.value is None:
            return None
        in_value = _cleaned(stand.value, self.value, short=self.inline is None)
        if in_value is None:
            return None
        opened: dict[int, int] = {}
        if self.inline is not None:
            aligned = align(self.inline, self.value)
            if aligned is None or len(aligned[0]) != len(self.text):
                return None
            in_source, marks = aligned
            opened = {offset: in_file[in_value[start][0]][0] for offset, start in marks.items()}
            in_value = [(in_value[start][0], in_value[end - 1][1]) for start, end in in_source]
        return [(in_file[start][0], in_file[end - 1][1]) for start, end in in_value], opened

    @property
    def extents(self) -> list[Extent] | None:
        """Where each character of `text` stands in the file; None where that is not certain."""
        return self._stands[0] if self._stands else None

    def extent(self, start: int, end: int) -> Extent | None:
        """Where the characters from `start` to `end` stand in the file; for none, where they would go."""
        if self._stands is None:
            return None
        extents, opened = self._stands
        if start == end:
            # Behind the marks that close here, before those that open: `«*oui*»` becomes `« *oui* »`.
            at = extents[start][0] if start < len(extents) else extents[-1][1]
            at = opened.get(start, at)
            return at, at
        return extents[start][0], extents[end - 1][1]

    def is_whole(self, start: int, end: int) -> bool:
        """Whether nothing but these characters stands between them in the file: no mark, no line's end."""
        if self.extents is None:
            return False
        inside = self.extents[start:end]
        joined = all(one[1] == two[0] for one, two in pairwise(inside))
        return joined and not any("\n" in self.manuscript.text[one:two] for one, two in inside)


def _filled(match: re.Match[str]) -> str:
    return FILLER * len(match[0])


def _cleaned(written: str, value: str, *, short: bool) -> list[Extent] | None:
    """Where each character of the model's `value` stands in what was `written`: composed (NFC), and put on one line."""
    if not short and value == written[: len(value)]:
        return [(at, at + 1) for at in range(len(value))]
    found: list[Extent] = []
    characters: list[str] = []
    for match in re.finditer(r"(?s).[\u0300-\u036f\u0327\u0328]*", written):
        composed = unicodedata.normalize("NFC", match[0])
        characters.append(composed)
        if composed == match[0]:
            found += [(at, at + 1) for at in range(*match.span())]
        else:
            found += [match.span()] * len(composed)
    text = "".join(characters)
    if short:
        text, found = _on_one_line(text, found)
    return found[: len(value)] if text[: len(value)] == value else None


def _on_one_line(text: str, extents: list[Extent]) -> tuple[str, list[Extent]]:
    parts: list[str] = []
    found: list[Extent] = []
    at = 0
    for match in _BLANKS.finditer(text):
        parts += [text[at : match.start()], " "]
        found += [*extents[at : match.start()], (extents[match.start()][0], extents[match.end() - 1][1])]
        at = match.end()
    parts.append(text[at:])
    found += extents[at:]
    whole = "".join(parts)
    lead = len(whole) - len(whole.lstrip(" "))
    return whole[lead:], found[lead:]


@lru_cache(maxsize=16)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    if not names:
        return None
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(name) for name in longest_first) + r")(?!\w)")


def passages(issue: Issue, manuscript: Manuscript, lang: str, names: tuple[str, ...] = ()) -> Iterator[Passage]:
    """The texts of `issue` in the order of the letter; `names` are never looked at."""
    pattern = _pattern(names)
    for path, block, value in _walk(issue, (), None):
        if isinstance(value, str):
            yield Passage(path, block, Kind.SHORT, value, lang, manuscript, pattern, value)
            continue
        depth = 0
        for token in value.tokens:
            depth += (token.type == "list_item_open") - (token.type == "list_item_close")
            if token.type == "inline":
                kind = Kind.ITEM if depth else Kind.PARAGRAPH
                yield Passage(path, block, kind, reading(token), lang, manuscript, pattern, value.source, token)


def _walk(model: BaseModel, path: Path, block: str | None) -> Iterator[tuple[Path, str | None, str | Prose]]:
    if isinstance(model, BlockBase):
        block = model.id
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in _NO_TEXT:
            continue
        if name in ("kind", "link") and isinstance(value, str) and (name == "link" or value in ("webinar", "meeting")):
            continue
        if isinstance(value, str | Prose):
            yield (*path, name), block, value
        elif isinstance(value, BaseModel):
            yield from _walk(value, (*path, name), block)
        elif isinstance(value, tuple):
            for index, part in enumerate(value):
                if isinstance(part, BaseModel):
                    yield from _walk(part, (*path, name, index), block)
