"""Restricted Markdown to the HTML that mail programs show, and to text that reads as well.

HTML: markdown-it's own renderer, then nh3's allow-list, so that two independent guards stand between an issue's
text and the letter. Text: the same tokens, wrapped, its links numbered and listed below.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.urls import ALLOWED_SCHEMES

__all__ = ["TEXT_WIDTH", "bind_last_word", "to_html", "to_text", "wrap_text"]

TEXT_WIDTH = 72
_SHORT_WORD = 10
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


def bind_last_word(text: str) -> str:
    """`text` with a no-break space before a short last word, which would otherwise stand alone on a line."""
    head, space, last = text.rpartition(" ")
    return f"{head}\u00a0{last}" if space and len(last) <= _SHORT_WORD and " " in head else text


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
    """Paragraphs as they are built, and the links met on the way."""

    blocks: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    lists: list[list[int | None]] = field(default_factory=list)
    marker: str | None = None
    tight: bool = False


@lru_cache(maxsize=1024)
def to_text(prose: Prose, indent: str = "", width: int = TEXT_WIDTH) -> str:
    """`prose` as plain text, wrapped at `width`; `[1]` after a link's words, its address below."""
    builder = _TextBuilder()
    for token in prose.tokens:
        _add_token(token, builder, indent, width)
    body = "\n".join(builder.blocks).strip("\n")
    notes = "\n".join(f"{indent}[{number}] {url}" for number, url in enumerate(builder.links, 1))
    return f"{body}\n\n{notes}" if notes else body


def _add_token(token: Token, builder: _TextBuilder, indent: str, width: int) -> None:
    kind = token.type
    if kind in ("bullet_list_open", "ordered_list_open"):
        number = int(token.attrs.get("start", 1)) if kind == "ordered_list_open" else None
        builder.lists.append([number])
    elif kind in ("bullet_list_close", "ordered_list_close"):
        builder.lists.pop()
        if not builder.lists:
            builder.blocks.append("")
    elif kind == "list_item_open":
        number = builder.lists[-1][0]
        builder.marker = "- " if number is None else f"{number}. "
        builder.lists[-1][0] = None if number is None else number + 1
    elif kind == "inline":
        depth = indent + "   " * len(builder.lists)
        first = None
        if builder.marker is not None:
            depth = indent + "  " * (len(builder.lists) - 1)
            first = depth + builder.marker
            depth += " " * len(builder.marker)
            builder.marker = None
        for number, line in enumerate(_inline(token.children or [], builder).split("\n")):
            builder.blocks.append(wrap_text(line, depth, first if number == 0 else None, width))
        if not builder.lists:
            builder.blocks.append("")


def _inline(tokens: list[Token], builder: _TextBuilder) -> str:
    parts: list[str] = []
    href = ""
    link_start = 0
    for token in tokens:
        if token.type in ("text", "text_special"):
            parts.append(token.content)
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type == "link_open":
            href, link_start = str(token.attrs["href"]), len(parts)
        elif token.type == "link_close":
            link_text = "".join(parts[link_start:])
            bare_address = href.removeprefix("mailto:").removeprefix("tel:")
            if link_text.strip() not in (href, bare_address):
                if href not in builder.links:
                    builder.links.append(href)
                parts.append(f"\u00a0[{builder.links.index(href) + 1}]")
    return "".join(parts)
