"""Rich text: a restricted Markdown, parsed once when the issue is read.

Paragraphs, bold, italic, links, lists and superscript. Everything else that Markdown knows (headings, images,
tables, code, HTML) is a fault rather than a surprise: a heading or an image is a block of its own.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.superscript import superscript_plugin
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from pvd_mailer.issue.base import clean_text, model_error
from pvd_mailer.issue.urls import check_url

__all__ = ["Prose"]

_MAX_LENGTH = 20_000
_MAX_LEVEL = 8  # a list in a list in a list; markdown-it silently drops what is nested past its maxNesting
_ALLOWED_TOKENS = frozenset(
    {
        "paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak", "hardbreak",
        "strong_open", "strong_close", "em_open", "em_close", "link_open", "link_close", "sup_open", "sup_close",
        "bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close",
        "list_item_open", "list_item_close",
    }
)  # fmt: skip
_TOKEN_NAMES = {
    "heading_open": "heading",
    "image": "image",
    "code_block": "code",
    "fence": "code",
    "code_inline": "code",
    "html_block": "HTML",
    "html_inline": "HTML",
    "hr": "rule",
    "blockquote_open": "quotation",
    "table_open": "table",
}

_LINK = re.compile(r"(?<!\\)\]\(")  # `\](` is how to say that it is none
_markdown = MarkdownIt("commonmark", {"html": True, "maxNesting": 20})
_markdown.enable("table").disable("reference").use(superscript_plugin)
# Links are judged by our own rule, which says what is wrong; markdown-it's would leave a refused link as text.
_markdown.validateLink = lambda url: True  # type: ignore[method-assign] # noqa: ARG005 - markdown-it's own hook


def _walk_lines(tokens: list[Token], line: int = 0) -> Iterator[tuple[Token, int]]:
    for token in tokens:
        if token.map:
            line = token.map[0]
        yield token, line
        child_line = line
        for child in token.children or ():
            yield from _walk_lines([child], child_line)
            if child.type in ("softbreak", "hardbreak"):
                child_line += 1


_MarkdownFault = tuple[str, str, int]
"""A rule of `compose.messages`, what was found, and its line in the text, from 0."""


def _markdown_faults(tokens: list[Token]) -> Iterator[_MarkdownFault]:
    """Everything in `tokens` that a letter cannot show; the links that it can are percent-encoded in place."""
    has_broken_link = False
    for token, line in _walk_lines(tokens):
        if token.nesting < 0:
            continue
        if token.type in _TOKEN_NAMES:
            yield "markdown", _TOKEN_NAMES[token.type], line
        elif token.type not in _ALLOWED_TOKENS:
            continue
        elif token.level > _MAX_LEVEL:
            yield "markdown", "nesting", line
        elif token.type == "link_open":
            yield from _link_faults(token, line)
        elif token.type == "inline":
            yield from _empty_links(token.children or [], line)
            has_broken_link = _has_broken_link(token)
        elif token.type == "text" and has_broken_link and "](" in token.content:
            yield "link-malformed", token.content.strip()[:60], line


def _has_broken_link(token: Token) -> bool:
    """Whether the source of an inline `token` has more `](` than it has links."""
    links = sum(child.type == "link_open" for child in token.children or ())
    return len(_LINK.findall(token.content)) > links


def _link_faults(token: Token, line: int) -> Iterator[_MarkdownFault]:
    if "title" in token.attrs:
        yield "markdown", "link title", line
    try:
        token.attrs["href"] = check_url(str(token.attrs.get("href", "")))
    except PydanticCustomError as exc:
        yield exc.type, str((exc.context or {}).get("found", "")), line


def _empty_links(tokens: list[Token], line: int) -> Iterator[_MarkdownFault]:
    link_text = None
    for token in tokens:
        if token.type == "link_open":
            link_text = ""
        elif token.type == "link_close":
            if not (link_text or "").strip():
                yield "link-without-text", "", line
            link_text = None
        elif link_text is not None:
            link_text += token.content
        if token.type in ("softbreak", "hardbreak"):
            line += 1


class Prose:
    """A text in restricted Markdown.

    Attributes:
        source: The text as the editor wrote it, without trailing blanks.
        tokens: What markdown-it made of it; link targets are already checked and percent-encoded.
    """

    __slots__ = ("source", "tokens")

    def __init__(self, source: str, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"Prose({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prose) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    @classmethod
    @lru_cache(maxsize=1024)  # between two saves of an issue all texts but one are the same
    def parse(cls, source: str) -> "Prose":
        """Read `source`.

        Raises:
            PydanticCustomError: something the letter cannot show, with `line`, counted from 0 in the text; `others`
                lists the rule and the context of each further one.
        """
        source = clean_text(source).rstrip()
        if not source.strip():
            raise model_error("empty")
        tokens = _markdown.parse(source)
        faults = list(dict.fromkeys(_markdown_faults(tokens)))
        if faults:
            (rule, context), *others = [(rule, {"found": value, "line": line}) for rule, value, line in faults]
            raise model_error(rule, **context, others=others)
        if not any(
            token.type in ("text", "text_special") and token.content.strip() for token, _ in _walk_lines(tokens)
        ):
            raise model_error("empty")
        return cls(source, tokens)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A strict string of bounded length, then `parse`."""
        return core_schema.no_info_after_validator_function(
            cls.parse,
            core_schema.str_schema(strict=True, max_length=_MAX_LENGTH),
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Editors' tools see a string."""
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": _MAX_LENGTH,
            "description": "Restricted Markdown",
        }
