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

from pvd_mailer.check.files import CheckedFiles
from pvd_mailer.check.text.dates import DateScan, scan_dates
from pvd_mailer.check.text.entities import mask_entities
from pvd_mailer.check.text.language import is_foreign_aside, is_foreign_text
from pvd_mailer.check.text.markdown import align_to_source, inline_text
from pvd_mailer.check.text.typography import fold_case
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import BlockBase, SnippetBlock
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.source_map import CharSpan, KeyPath, SourceMap

__all__ = ["FILLER", "Passage", "PassageKind", "passages_of_issue"]

FILLER = "\ufffc"
"""Stands for each character that no rule on language looks at: neither a letter, nor a blank, nor punctuation."""

# Values that are no text: names, addresses and choices.
_KEYS_WITHOUT_TEXT = frozenset({
    "id", "type", "note", "waive", "publication", "lang", "override", "url", "file", "dark_file", "image_position",
    "zone", "transcript", "use",
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
_DOT_INSIDE = re.compile(r"\.\S")
_BLANKS = re.compile(r"[\n\t\r\u2028\u2029 ]+")


class PassageKind(StrEnum):
    """What a text is in the letter."""

    SHORT = "short"
    """On one line: a title, a label, an alt."""
    PARAGRAPH = "paragraph"
    ITEM = "item"
    """Of a list."""


@dataclass(frozen=True)
class Passage:
    """One text of the letter: a short text whole, or one paragraph or list item of a rich text.

    Attributes:
        path: The way to the value, such as `("blocks", 3, "items", 0, "body")`.
        block: The id of its block; None outside of blocks.
        kind: What it is in the letter.
        text: As a reader reads it: no Markdown, a line's end as a space.
        lang: The language that the letter is written in.
    """

    path: KeyPath
    block: str | None
    kind: PassageKind
    text: str
    lang: str
    source_map: SourceMap
    dictionary_pattern: "re.Pattern[str] | None" = None
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
        masked = self._without_addresses_and_names
        for start, end in self._spans("em"):
            if is_foreign_aside(masked[start:end], self.lang):
                masked = masked[:start] + FILLER * (end - start) + masked[end:]
        return masked

    @cached_property
    def _without_addresses_and_names(self) -> str:
        may_hold_address = any(sign in self.text for sign in ("://", "@", "#")) or _DOT_INSIDE.search(self.text)
        masked = mask_entities(_SKIPPED.sub(_fill, self.text) if may_hold_address else self.text, FILLER)
        return self.dictionary_pattern.sub(_fill, masked) if self.dictionary_pattern else masked

    @cached_property
    def is_foreign(self) -> bool:
        """Whether the whole of it is certainly in the other language than the letter."""
        return is_foreign_text(self._without_addresses_and_names, self.lang)

    @cached_property
    def dates(self) -> DateScan:
        """Where dates stand in `plain`."""
        return scan_dates(self.plain, self.lang)

    @cached_property
    def folded(self) -> str:
        """`plain` in small letters, to look quickly for what a slower pattern needs; not always as long."""
        return fold_case(self.plain)

    @cached_property
    def links(self) -> tuple[tuple[int, int, str], ...]:
        """Where the words of its links stand in `text`, and their targets."""
        links: list[tuple[int, int, str]] = []
        offset, link_start, url = 0, 0, ""
        for token in self.inline.children or () if self.inline else ():
            if token.type == "link_open":
                link_start, url = offset, str(token.attrs["href"])
            elif token.type == "link_close":
                links.append((link_start, offset, url))
            elif token.type in ("softbreak", "hardbreak"):
                offset += 1
            else:
                offset += len(token.content)
        return tuple(links)

    @cached_property
    def superscripts(self) -> tuple[tuple[int, int], ...]:
        """Where superscript stands in `text`."""
        return tuple(self._spans("sup"))

    def _spans(self, mark: str) -> Iterator[tuple[int, int]]:
        """What of `text` stands between marks of one kind."""
        offset = span_start = 0
        for token in self.inline.children or () if self.inline else ():
            if token.type == f"{mark}_open":
                span_start = offset
            elif token.type == f"{mark}_close":
                yield span_start, offset
            elif token.type in ("softbreak", "hardbreak"):
                offset += 1
            else:
                offset += len(token.content)

    @cached_property
    def _char_spans_and_marks(self) -> tuple[list[CharSpan], dict[int, int]] | None:
        """Where each character of `text` stands in the file, and by offset where marks open; None if not certain."""
        file_spans = self.source_map.char_spans(self.path)
        node = self.source_map.spans.get(self.path)
        if file_spans is None or node is None or node.value is None:
            return None
        value_spans = _char_spans_of_value(node.value, self.value, short=self.inline is None)
        if value_spans is None:
            return None
        mark_starts: dict[int, int] = {}
        if self.inline is not None:
            aligned = align_to_source(self.inline, self.value)
            if aligned is None or len(aligned[0]) != len(self.text):
                return None
            source_spans, marks = aligned
            mark_starts = {offset: file_spans[value_spans[start][0]][0] for offset, start in marks.items()}
            value_spans = [(value_spans[start][0], value_spans[end - 1][1]) for start, end in source_spans]
        return [(file_spans[start][0], file_spans[end - 1][1]) for start, end in value_spans], mark_starts

    @property
    def char_spans(self) -> list[CharSpan] | None:
        """Where each character of `text` stands in the file; None where that is not certain."""
        return self._char_spans_and_marks[0] if self._char_spans_and_marks else None

    def file_span(self, start: int, end: int) -> CharSpan | None:
        """Where the characters from `start` to `end` stand in the file; for none, where they would go."""
        if self._char_spans_and_marks is None:
            return None
        char_spans, mark_starts = self._char_spans_and_marks
        if start == end:
            # Behind the marks that close here, before those that open: `«*oui*»` becomes `« *oui* »`.
            offset = char_spans[start][0] if start < len(char_spans) else char_spans[-1][1]
            offset = mark_starts.get(start, offset)
            return offset, offset
        return char_spans[start][0], char_spans[end - 1][1]

    def is_contiguous(self, start: int, end: int) -> bool:
        """Whether nothing but these characters stands between them in the file: no mark, no line's end."""
        if self.char_spans is None:
            return False
        spans = self.char_spans[start:end]
        joined = all(before[1] == after[0] for before, after in pairwise(spans))
        return joined and not any("\n" in self.source_map.text[span_start:span_end] for span_start, span_end in spans)


def _fill(match: re.Match[str]) -> str:
    return FILLER * len(match[0])


def _char_spans_of_value(source: str, value: str, *, short: bool) -> list[CharSpan] | None:
    """Where each character of the model's `value` stands in what was `source`: composed (NFC), and put on one line."""
    if not short and value == source[: len(value)]:
        return [(offset, offset + 1) for offset in range(len(value))]
    spans: list[CharSpan] = []
    characters: list[str] = []
    for match in re.finditer(r"(?s).[\u0300-\u036f\u0327\u0328]*", source):
        composed = unicodedata.normalize("NFC", match[0])
        characters.append(composed)
        if composed == match[0]:
            spans += [(offset, offset + 1) for offset in range(*match.span())]
        else:
            spans += [match.span()] * len(composed)
    text = "".join(characters)
    if short:
        text, spans = _on_one_line(text, spans)
    return spans[: len(value)] if text[: len(value)] == value else None


def _on_one_line(text: str, spans: list[CharSpan]) -> tuple[str, list[CharSpan]]:
    parts: list[str] = []
    folded_spans: list[CharSpan] = []
    offset = 0
    for match in _BLANKS.finditer(text):
        parts += [text[offset : match.start()], " "]
        folded_spans += [*spans[offset : match.start()], (spans[match.start()][0], spans[match.end() - 1][1])]
        offset = match.end()
    parts.append(text[offset:])
    folded_spans += spans[offset:]
    folded = "".join(parts)
    lead = len(folded) - len(folded.lstrip(" "))
    return folded[lead:], folded_spans[lead:]


@lru_cache(maxsize=16)
def _dictionary_pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in longest_first) + r")(?!\w)")


def passages_of_issue(
    issue: Issue,
    files: CheckedFiles,
    lang: str,
    dictionary_words: tuple[str, ...] = (),
    publication: Publication | None = None,
) -> Iterator[Passage]:
    """The texts of `issue` in the order of the letter, and those that `publication` has for it.

    These are the snippets that it uses, each once, and the words of the link to subscribe. `dictionary_words` are
    never looked at.
    """
    pattern = _dictionary_pattern(dictionary_words)
    for source_map, path, block, value in _texts_of_letter(issue, files, publication):
        if isinstance(value, str):
            yield Passage(path, block, PassageKind.SHORT, value, lang, source_map, pattern, value)
            continue
        depth = 0
        for token in value.tokens:
            depth += (token.type == "list_item_open") - (token.type == "list_item_close")
            if token.type == "inline":
                kind = PassageKind.ITEM if depth else PassageKind.PARAGRAPH
                yield Passage(path, block, kind, inline_text(token), lang, source_map, pattern, value.source, token)


def _texts_of_letter(
    issue: Issue, files: CheckedFiles, publication: Publication | None
) -> Iterator[tuple[SourceMap, KeyPath, str | None, str | Prose]]:
    """The file, the way to it, the block and the text of each."""
    drawn: set[str] = set()
    for path, part, value in _texts_of_model(issue, (), None):
        if isinstance(value, str | Prose):
            yield files.issue, path, part.id if part else None, value
        elif publication is not None and value.use not in drawn:
            drawn.add(value.use)
            snippet = publication.snippets[value.use]
            for setting, _part, text in _texts_of_model(snippet, ("snippets", value.use), value):
                if isinstance(text, str | Prose):
                    yield *files.of_setting(setting), value.id, text
    if publication is not None and publication.subscribe_label:
        yield *files.of_setting(("subscribe_label",)), None, publication.subscribe_label


def _texts_of_model(
    model: BaseModel, path: KeyPath, block: BlockBase | None
) -> Iterator[tuple[KeyPath, BlockBase | None, str | Prose | SnippetBlock]]:
    """The texts of `model`, each with the way to it and its block; a block that draws a snippet is given itself."""
    if isinstance(model, BlockBase):
        block = model
    if isinstance(model, SnippetBlock):
        yield path, block, model
        return
    for name in type(model).model_fields:
        value = getattr(model, name)
        if name in _KEYS_WITHOUT_TEXT:
            continue
        if name in ("kind", "link") and isinstance(value, str) and (name == "link" or value in ("webinar", "meeting")):
            continue
        for index, item in enumerate(value) if isinstance(value, tuple) else ((None, value),):
            item_path: KeyPath = (*path, name) if index is None else (*path, name, index)
            if isinstance(item, str | Prose):
                yield item_path, block, item
            elif isinstance(item, BaseModel):
                yield from _texts_of_model(item, item_path, block)
