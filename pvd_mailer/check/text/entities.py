"""HTML's spellings of characters, `&eacute;` and `&#233;`, in a text where nobody decodes them."""

import html
import re
from collections.abc import Iterator
from html.entities import html5

__all__ = ["decode_entities", "entities_in", "mask_entities"]

_NAMED = r"#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31}"
_ENTITY = re.compile(rf"&(?:{_NAMED});")
# `&amp;eacute;` was encoded twice.
_NESTED = re.compile(rf"&(?:amp;)*(?:{_NAMED});")
_WORD = re.compile(rf"[\w’'-]*(?:&(?:amp;)*(?:{_NAMED});[\w’'-]*)+")


def _decode_match(match: re.Match[str]) -> str:
    # Not `html.unescape` for names: of `&notit;` it takes the first three letters.
    return html.unescape(match[0]) if match[0][1] == "#" else html5.get(match[0][1:], match[0])


def decode_entities(text: str) -> str:
    """`text` with its entities as the characters that they stand for, however often they were encoded."""
    while "&" in text:
        decoded_once = _ENTITY.sub(_decode_match, text)
        if decoded_once == text:
            break
        text = decoded_once
    return text


def entities_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where entities stand in `text`, and what each stands for. `R&D;` is none, nor is any other unknown name."""
    for match in _NESTED.finditer(text) if "&" in text else ():
        character = decode_entities(match[0])
        if character != match[0]:
            yield *match.span(), character


def mask_entities(text: str, filler: str) -> str:
    """`text`, as long, with `filler` for words that hold an entity: no rule on language can read or mend them."""
    if "&" not in text:
        return text
    return _WORD.sub(lambda match: filler * len(match[0]) if decode_entities(match[0]) != match[0] else match[0], text)
