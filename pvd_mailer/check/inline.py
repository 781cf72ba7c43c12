"""From a paragraph as readers read it back to its Markdown, character by character."""

import html
import re

from markdown_it.token import Token

from pvd_mailer.issue.manuscript import Extent

__all__ = ["align", "reading"]

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")
_BREAK = re.compile(r"(?:\\|[ \t]*)\n[ \t]*")


def reading(inline: Token) -> str:
    """What a reader reads of a paragraph: words without marks, a line's end as a space."""
    parts = []
    for token in inline.children or ():
        if token.type in ("text", "text_special"):
            parts.append(token.content)
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
    return "".join(parts)


def align(inline: Token, source: str) -> tuple[list[Extent], dict[int, int]] | None:
    """Where each character of `reading(inline)` stands in `source`; None where that is not certain.

    With it, by offset of the reading, where marks begin that open there (`*`, `[`): what is put before the words that
    they mark has to stand before them, or they mark nothing any more.
    """
    content = _lines(inline, source)
    if content is None:
        return None
    found: list[Extent] = []
    opened: dict[int, int] = {}
    at = 0
    for token in inline.children or ():
        if token.nesting > 0:
            opened.setdefault(len(found), at)
        after = _skip(token, inline.content, at, found)
        if after is None:
            return None
        at = after
    if at != len(inline.content.rstrip()) and inline.content[at:].strip():
        return None
    extents = [(content[start], content[end - 1] + 1) for start, end in found]
    return extents, {offset: content[start] for offset, start in opened.items()}


def _lines(inline: Token, source: str) -> list[int] | None:
    """Where each character of the token's content stands in `source`."""
    if inline.map is None:
        return None
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: list[int] = []
    for number, part in enumerate(inline.content.split("\n"), inline.map[0]):
        if number >= len(lines):
            return None
        column = lines[number].rstrip().rfind(part.rstrip())
        if column < 0 or lines[number][column : column + len(part)] != part:
            return None
        found += range(starts[number] + column, starts[number] + column + len(part))
        found.append(starts[number] + len(lines[number]))
    return found


def _skip(token: Token, content: str, at: int, found: list[Extent]) -> int | None:
    """Past `token` in `content`; what of it is read is added to `found`. None where it does not stand there."""
    if token.type in ("text", "text_special"):
        return _words(token.content, content, at, found)
    if token.type in ("softbreak", "hardbreak"):
        match = _BREAK.match(content, at)
        if match is None:
            return None
        found.append((at, match.end()))
        return match.end()
    if token.type == "link_open":
        return at + 1 if content[at : at + 1] in ("[", "<") else None
    if token.type == "link_close":
        return at + 1 if content[at : at + 1] == ">" else _target(content, at)
    mark = token.markup or "^"
    return at + len(mark) if content.startswith(mark, at) else None


def _words(words: str, content: str, at: int, found: list[Extent]) -> int | None:
    for number, character in enumerate(words):
        entity = _ENTITY.match(content, at) if content[at : at + 1] == "&" else None
        if entity and not words.startswith(entity[0], number):
            if html.unescape(entity[0]) != character:
                return None  # two characters at once: rare, and no rule needs to know where they stand
            end = entity.end()
        elif content[at : at + 2] == f"\\{character}":
            end = at + 2
        elif content[at : at + 1] == character:
            end = at + 1
        else:
            return None
        found.append((at, end))
        at = end
    return at


def _target(content: str, at: int) -> int | None:
    """Past `](…)`, whose target may be in `<…>` or hold balanced brackets."""
    if not content.startswith("](", at):
        return None
    at += 2
    match = re.compile(r"\s*<(?:\\.|[^<>\\\n])*>\s*\)").match(content, at)
    if match:
        return match.end()
    depth = 1
    while at < len(content):
        character = content[at]
        if character == "\\":
            at += 1
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None
