"""Restricted Markdown to the HTML that mail programs show, and to text that reads as well.

HTML: markdown-it's own renderer, then nh3's allow-list, so that two independent guards stand between an issue's
text and the letter. Text: the same tokens, wrapped, its links numbered and listed below.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.urls import ALLOWED_SCHEMES

__all__ = ["TEXT_WIDTH", "bind_words", "hold_compounds", "to_html", "to_text", "wrap_text"]

TEXT_WIDTH = 72
_SHORT_WORD = 10
_ONE_LINE = 18
"""Signs that fit on one line of a phone."""
_HANGING_WORD = 3
"""Signs of an article or a preposition, which belongs to the word after it."""
_LONGEST_HELD = 17
"""Signs of a run that still fits a phone of 320 CSS pixels in the size of a lead's title there."""
_LONGEST_COMPOUND = 22
"""Signs of a name that fits there in the size of a link."""
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_markdown = MarkdownIt("commonmark")
_TAGS = {"p", "strong", "em", "a", "ul", "ol", "li", "sup", "br"}


@lru_cache(maxsize=1024)  # between two saves of an issue all texts but one are the same
def to_html(prose: Prose) -> Markup:
    """`prose` as HTML of nine harmless elements, on one line.

    mjml-python deletes blank text that begins with a newline, so newlines become spaces.
    """
    raw = _markdown.renderer.render(prose.tokens, _markdown.options, {})
    clean = nh3.clean(
        raw,
        tags=_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(ALLOWED_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )
    # html5ever closes no void element; MJML reads XML.
    return Markup(clean.replace("\n", " ").replace("<br>", "<br />").strip())  # noqa: S704 - nh3 made it safe


def bind_words(text: str) -> str:
    """`text` with no-break spaces where a line of a title must not end: after a short word, before a short last one.

    Not where what is bound together would be too long for a line on a narrow phone, nor in what fits on one anyway.
    """
    if len(text) <= _ONE_LINE:
        return text
    words = text.split(" ")
    bound = words[0]
    for index, (word, following) in enumerate(pairwise(words), start=1):
        is_last = index == len(words) - 1 and index > 1 and len(following) <= _SHORT_WORD
        hangs = len(word) <= _HANGING_WORD and word.isalpha()
        run = len(bound) - bound.rfind(" ") - 1 + 1 + len(following)
        bound += ("\u00a0" if (is_last or hangs) and run <= _LONGEST_HELD else " ") + following
    return bound


def hold_compounds(text: str) -> Markup:
    """`text` with names such as Mauges-sur-Loire kept on one line, where they are short enough for one."""
    parts: list[str] = []
    position = 0
    for compound in _COMPOUND.finditer(text):
        if len(compound[0]) <= _LONGEST_COMPOUND:
            parts += [escape(text[position : compound.start()]), f'<span class="nb">{compound[0]}</span>']
            position = compound.end()
    return Markup("".join([*parts, escape(text[position:])]))  # noqa: S704 - letters and hyphens, and the rest escaped


def wrap_text(text: str, indent: str = "", first: str | None = None, width: int = TEXT_WIDTH) -> str:
    """`text` in lines of at most `width` characters; no-break spaces and long links are never broken."""
    # textwrap.wrap does this too, ten times slower, for cases that are switched off here.
    lines: list[str] = []
    line = indent if first is None else first
    is_empty = True
    for word in re.split(r"[ \t\n]+", text.strip(" \t\n")):
        if not is_empty and len(line) + 1 + len(word) > width:
            lines.append(line)
            line, is_empty = indent, True
        line = line + word if is_empty else f"{line} {word}"
        is_empty = False
    return "\n".join([*lines, line])


@dataclass(slots=True)
class _TextBuilder:
    """Paragraphs as they are built, and the links met on the way.

    Attributes:
        indent: Before each line.
        width: Of lines, in characters, `indent` included.
        lists: For each list that is open, the number of its next item; None where items have no numbers.
        marker: What stands before the next paragraph, the first of an item.
    """

    indent: str
    width: int
    blocks: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    marker: str | None = None

    def add(self, token: Token) -> None:
        """Take the next block of the text."""
        match token.type:
            case "bullet_list_open":
                self.lists.append(None)
            case "ordered_list_open":
                self.lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self.lists.pop()
                self._end_block()
            case "list_item_open":
                self._open_item()
            case "inline":
                self._add_paragraph(self._inline(token.children or []))

    def _open_item(self) -> None:
        number = self.lists[-1]
        self.marker = "- " if number is None else f"{number}. "
        self.lists[-1] = None if number is None else number + 1

    def _add_paragraph(self, text: str) -> None:
        indent, first = self.indent + "   " * len(self.lists), None
        if self.marker is not None:
            outer = self.indent + "  " * (len(self.lists) - 1)
            indent, first = outer + " " * len(self.marker), outer + self.marker
            self.marker = None
        for number, line in enumerate(text.split("\n")):
            self.blocks.append(wrap_text(line, indent, first if number == 0 else None, self.width))
        self._end_block()

    def _end_block(self) -> None:
        """An empty line, but not between the items of a list."""
        if not self.lists:
            self.blocks.append("")

    def _inline(self, tokens: list[Token]) -> str:
        """The text of a paragraph, hard breaks as line ends."""
        parts: list[str] = []
        href = ""
        link_start = 0
        for token in tokens:
            match token.type:
                case "text" | "text_special":
                    parts.append(token.content)
                case "softbreak":
                    parts.append(" ")
                case "hardbreak":
                    parts.append("\n")
                case "link_open":
                    href, link_start = str(token.attrs["href"]), len(parts)
                case "link_close":
                    parts.append(self._reference(href, "".join(parts[link_start:])))
        return "".join(parts)

    def _reference(self, href: str, link_text: str) -> str:
        """`[1]` after the words of a link; nothing where they are the address itself."""
        if link_text.strip() in (href, href.removeprefix("mailto:").removeprefix("tel:")):
            return ""
        if href not in self.links:
            self.links.append(href)
        return f"\u00a0[{self.links.index(href) + 1}]"


@lru_cache(maxsize=1024)
def to_text(prose: Prose, indent: str = "", width: int = TEXT_WIDTH) -> str:
    """`prose` as plain text, wrapped at `width`; `[1]` after a link's words, its address below."""
    builder = _TextBuilder(indent, width)
    for token in prose.tokens:
        builder.add(token)
    body = "\n".join(builder.blocks).strip("\n")
    notes = "\n".join(f"{indent}[{number}] {url}" for number, url in enumerate(builder.links, 1))
    return f"{body}\n\n{notes}" if notes else body
