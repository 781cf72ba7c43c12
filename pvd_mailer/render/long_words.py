"""Where a word may be wider than a phone: there `word-break` stays, which MJML writes on every cell.

It does more than break what is too long: a column of a table then takes no heed of its words' widths, and cuts a title
that had room enough.
"""

import re
from collections.abc import Set

from lxml.etree import _Element

__all__ = ["elements_to_break", "without_word_break"]

_BREAK = re.compile(r"(^|;)\s*word-break:\s*break-word\s*(?:;|$)")
_WORD = re.compile(r"[^\s\u00ad\u200b-]+(?:\u00a0[^\s\u00ad\u200b-]*)*")
_WIDEST = 16 * 16
"""Letters times the size of their font in CSS pixels, beyond which a phone of 320 pixels may have no room: a letter is
about half as wide as it is high, and margins and a column beside it leave the word some 130 pixels."""
_FONT_SIZE = re.compile(r"\bfont-size:\s*([\d.]+)(px|em|%)|\bfont:[^;]*?([\d.]+)(px|em|%)")
_BODY_SIZE = 16.0
_ADDRESS_CLASS = "addr"


def without_word_break(style: str) -> str:
    """The style attribute `style` less `word-break:break-word`."""
    return _BREAK.sub(r"\1", style) if "word-break" in style else style


def elements_to_break(body: _Element) -> Set[_Element]:
    """The elements in `body` whose `word-break` has a word to break, or a class that says so: `addr`."""
    sizes: dict[_Element, float] = {}
    found: set[_Element] = set()
    for element in body.iter("*"):
        parent = element.getparent()
        sizes[element] = _font_size(element.get("style"), sizes.get(parent, _BODY_SIZE))
        if _ADDRESS_CLASS in (element.get("class") or "").split():
            found.add(element)
        if _is_wide(element.text, sizes[element]) or any(_is_wide(child.tail, sizes[element]) for child in element):
            found.add(element)
            found.update(element.iterancestors())
    return found


def _font_size(style: str | None, around: float) -> float:
    match = _FONT_SIZE.search(style) if style and "font" in style else None
    if match is None:
        return around
    number, unit = float(match[1] or match[3]), match[2] or match[4]
    if unit == "px":
        return number or _BODY_SIZE  # MJML's cells have no size, and their texts one of their own
    return around * number / (100 if unit == "%" else 1)


def _is_wide(text: str | None, size: float) -> bool:
    if not text or len(text) * size <= _WIDEST:
        return False
    return any(len(word) * size > _WIDEST for word in _WORD.findall(text))
