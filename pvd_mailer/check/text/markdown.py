"""From a paragraph as readers read it back to its Markdown, character by character."""

import html
import re

from markdown_it.token import Token

from pvd_mailer.issue.source_map import CharSpan

__all__ = ["align_to_source", "inline_text"]

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});")
_BREAK = re.compile(r"(?:\\|[ \t]*)\n[ \t]*")


def inline_text(inline: Token) -> str:
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


def align_to_source(inline: Token, source: str) -> tuple[list[CharSpan], dict[int, int]] | None:
    """Where each character of `reading(inline)` stands in `source`; None where that is not certain.

    With it, by offset of the reading, where marks begin that open there (`*`, `[`): what is put before the words that
    they mark has to stand before them, or they mark nothing any more.
    """
    offsets = _content_offsets(inline, source)
    if offsets is None:
        return None
    spans: list[CharSpan] = []
    mark_starts: dict[int, int] = {}
    position = 0
    for token in inline.children or ():
        if token.nesting > 0:
            mark_starts.setdefault(len(spans), position)
        next_position = _skip_token(token, inline.content, position, spans)
        if next_position is None:
            return None
        position = next_position
    if position != len(inline.content.rstrip()) and inline.content[position:].strip():
        return None
    source_spans = [(offsets[start], offsets[end - 1] + 1) for start, end in spans]
    return source_spans, {offset: offsets[start] for offset, start in mark_starts.items()}


def _content_offsets(inline: Token, source: str) -> list[int] | None:
    """Where each character of the token's content stands in `source`."""
    if inline.map is None:
        return None
    lines = source.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    offsets: list[int] = []
    for number, part in enumerate(inline.content.split("\n"), inline.map[0]):
        if number >= len(lines):
            return None
        column = lines[number].rstrip().rfind(part.rstrip())
        if column < 0 or lines[number][column : column + len(part)] != part:
            return None
        offsets += range(starts[number] + column, starts[number] + column + len(part))
        offsets.append(starts[number] + len(lines[number]))
    return offsets


def _skip_token(token: Token, content: str, position: int, spans: list[CharSpan]) -> int | None:
    """Past `token` in `content`; what of it is read is added to `spans`. None where it does not stand there."""
    if token.type in ("text", "text_special"):
        return _skip_text(token.content, content, position, spans)
    if token.type in ("softbreak", "hardbreak"):
        match = _BREAK.match(content, position)
        if match is None:
            return None
        spans.append((position, match.end()))
        return match.end()
    if token.type == "link_open":
        return position + 1 if content[position : position + 1] in ("[", "<") else None
    if token.type == "link_close":
        return position + 1 if content[position : position + 1] == ">" else _skip_link_target(content, position)
    mark = token.markup or "^"
    return position + len(mark) if content.startswith(mark, position) else None


def _skip_text(text: str, content: str, position: int, spans: list[CharSpan]) -> int | None:
    for number, character in enumerate(text):
        entity = _ENTITY.match(content, position) if content[position : position + 1] == "&" else None
        if entity and not text.startswith(entity[0], number):
            if html.unescape(entity[0]) != character:
                return None  # two characters at once: rare, and no rule needs to know where they stand
            end = entity.end()
        elif content[position : position + 2] == f"\\{character}":
            end = position + 2
        elif content[position : position + 1] == character:
            end = position + 1
        else:
            return None
        spans.append((position, end))
        position = end
    return position


def _skip_link_target(content: str, position: int) -> int | None:
    """Past `](…)`, whose target may be in `<…>` or hold balanced brackets."""
    if not content.startswith("](", position):
        return None
    position += 2
    match = re.compile(r"\s*<(?:\\.|[^<>\\\n])*>\s*\)").match(content, position)
    if match:
        return match.end()
    depth = 1
    while position < len(content):
        character = content[position]
        if character == "\\":
            position += 1
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None
