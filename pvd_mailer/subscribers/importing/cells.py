"""What stands in one cell: an address with a name beside it, several values, tags as JSON, or one line of text."""

import json
import re
from collections.abc import Iterator

from pvd_mailer.formulas import unescape_formula
from pvd_mailer.subscribers.importing.readers.formats import JSON_TAGS, TAGS_PREFIX
from pvd_mailer.subscribers.tags import VALUE_SEPARATOR, tag_key, value_key

__all__ = ["address_in", "json_tags", "one_line", "split_values"]

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NAMED_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>\s]+@[^<>\s]+)>")
_SEPARATORS = {TAGS_PREFIX: re.compile(r"[,;|\n]|:::"), JSON_TAGS: re.compile(r"\n")}
_SEPARATOR = re.compile(rf"[{VALUE_SEPARATOR}\n]")
_QUOTES = "\"'“”«» \u00a0"


def address_in(raw: str) -> tuple[str, str]:
    """The address in a cell, and the name beside it: `Claire Roy <claire@example.org>;`, `a@… ::: b@…`."""
    text = unescape_formula(raw.strip()).partition(" ::: ")[0].strip(" \t\r\n;,\u00a0")
    if match := _NAMED_ADDRESS.fullmatch(text):
        return match["address"], match["name"].strip(_QUOTES)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return text, ""


def split_values(kind: str, key: str, cell: str) -> tuple[str, ...]:
    """The values of the tag `key` in a cell that is written as `kind` says: TAG_PREFIX or TAGS_PREFIX."""
    parts = (
        one_line(part.strip(_QUOTES) if kind == TAGS_PREFIX else part)
        for part in _SEPARATORS.get(kind, _SEPARATOR).split(cell)
    )
    return tuple(part for part in parts if value_key(key, part) and not part.startswith("* "))


def json_tags(cell: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The tags in a JSON object: texts, numbers and lists of them; what is deeper is nobody's tag."""
    try:
        data = json.loads(cell)
    except (ValueError, RecursionError):
        return
    for name, value in data.items() if isinstance(data, dict) else ():
        key = tag_key(str(name))[:40]
        items = value if isinstance(value, list) else [value]
        texts = (
            one_line(str(item)) for item in items if isinstance(item, str | int | float) and not isinstance(item, bool)
        )
        values = tuple(text for text in texts if value_key(key, text))
        if key and values:
            yield key, values


def one_line(text: str) -> str:
    """`text` on one line, without what no database keeps and nobody sees."""
    bare = text if text.isprintable() else _CONTROLS.sub("", text)
    return unescape_formula(" ".join(bare.split()))
