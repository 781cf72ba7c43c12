"""What the page's own style sheets can change of an element that a style attribute then need not hold, or must."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["SheetEffects", "rules_of", "sheet_effects"]

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_KEY = re.compile(r"[.#]?-?[A-Za-z_][\w-]*")
_ATTRIBUTE_OR_PSEUDO = re.compile(r"\[[^\]]*\]|::?[\w-]+(?:\([^)]*\))?")
_COMBINATOR = re.compile(r"[\s>+~]+")


def rules_of(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of every rule of `sheet`, those in media queries included."""
    for rule in _RULE.finditer(_COMMENT.sub("", sheet)):
        yield rule[1].strip(), rule[2]


@dataclass(frozen=True, slots=True)
class SheetEffects:
    """By the last part of a selector, what its rules declare: properties and values, without `!important`.

    What is declared without it stands there once more as `normal:` and the property: a style attribute overrides that.

    Attributes:
        by_key: Keys are a class (`.x`), an id (`#x`), a tag, or `*`. An element that has none of them is not changed.
    """

    by_key: Mapping[str, frozenset[tuple[str, str]]]

    def of(self, tag: str, classes: str | None, identifier: str | None) -> frozenset[tuple[str, str]]:
        """All that rules may declare for such an element; more than they do, where they ask for more than a name."""
        keys = ["*", tag]
        if classes:
            keys += [f".{name}" for name in classes.split()]
        if identifier:
            keys.append(f"#{identifier}")
        found = [self.by_key[key] for key in keys if key in self.by_key]
        return found[0] if len(found) == 1 else frozenset().union(*found)


@lru_cache(maxsize=16)
def sheet_effects(sheets: tuple[str, ...]) -> SheetEffects:
    """What the texts of all `<style>` elements may do, whatever the screen, the program and the colour scheme."""
    by_key: dict[str, set[tuple[str, str]]] = {}
    for sheet in sheets:
        for selectors, text in rules_of(sheet):
            declared = {
                (name.strip().lower(), value.replace("!important", "").strip())
                for name, colon, value in (part.partition(":") for part in text.split(";"))
                if colon
            }
            declared |= {
                (f"normal:{name.strip().lower()}", "")
                for name, colon, value in (part.partition(":") for part in text.split(";"))
                if colon and "!important" not in value
            }
            for selector in selectors.split(","):
                for key in _keys(selector):
                    by_key.setdefault(key, set()).update(declared)
    return SheetEffects({key: frozenset(declared) for key, declared in by_key.items()})


def _keys(selector: str) -> list[str]:
    """What an element must have one of, for `selector` to find it."""
    bare = _ATTRIBUTE_OR_PSEUDO.sub("", selector).strip()
    if selector.rstrip().endswith((" ", ">", "+", "~")) or not bare:
        return ["*"]
    keys = _KEY.findall(_COMBINATOR.split(bare)[-1])
    named = [key for key in keys if key[0] in ".#"]
    return named or [key.lower() for key in keys] or ["*"]
