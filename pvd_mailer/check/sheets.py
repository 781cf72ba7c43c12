"""The letter's `<style>`, read: which declarations it has for which elements, and under which conditions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from cssselect import HTMLTranslator, SelectorError, parse
from lxml.etree import XPath, XPathError, _Element

__all__ = ["Declaration", "Mode", "StyleRule", "declarations", "rules_of"]

from enum import StrEnum


class Mode(StrEnum):
    """Of the reader's screen."""

    LIGHT = "light"
    DARK = "dark"


WIDTH = 700
"""Of the window that the letter is looked at in, in CSS pixels: a computer's."""
_WIDTH = re.compile(r"(min|max)-(?:device-)?width\s*:\s*(\d+)(?:\.\d+)?px")
_SCHEME = re.compile(r"prefers-color-scheme\s*:\s*(light|dark)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, in lower case, as it is written."""

    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class StyleRule:
    """Declarations for what one selector finds."""

    find: XPath
    selector: str
    specificity: tuple[int, int, int]
    declarations: tuple[Declaration, ...]
    modes: frozenset[Mode]


@lru_cache(maxsize=4096)  # most style attributes of a letter are alike, and most stay between two saves
def declarations(style: str) -> tuple[Declaration, ...]:
    """What a style attribute, or the inside of a rule's braces, declares."""
    return tuple(_declared(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True)))


def _declared(nodes: list[tinycss2.ast.Node]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            value = tinycss2.serialize(node.value).strip()
            yield Declaration(node.lower_name, value, bool(node.important))


def _modes(media: str) -> frozenset[Mode]:
    """In which modes a media query holds, on a computer's screen."""
    found: set[Mode] = set()
    for query in media.lower().split(","):
        if "print" in query or "speech" in query or query.strip().startswith("not "):
            continue
        if any((int(size) > WIDTH) == (edge == "min") for edge, size in _WIDTH.findall(query)):
            continue
        schemes = _SCHEME.findall(query)
        found |= {Mode(schemes[0])} if schemes else set(Mode)
    return frozenset(found)


@lru_cache(maxsize=64)
def _read(text: str, media: str) -> tuple[StyleRule, ...]:
    modes = _modes(media) if media.strip() else frozenset(Mode)
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return tuple(_rules(nodes, modes))


def _rules(nodes: list[tinycss2.ast.Node], modes: frozenset[Mode]) -> Iterator[StyleRule]:
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword in ("media", "supports") and node.content is not None:
            inner = modes
            if node.lower_at_keyword == "media":
                inner = modes & _modes(tinycss2.serialize(node.prelude))
            found = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            yield from _rules(found, inner)
        elif node.type == "qualified-rule":
            declared = declarations(tinycss2.serialize(node.content))
            yield from _selected(tinycss2.serialize(node.prelude).strip(), declared, modes)


def _selected(selectors: str, declared: tuple[Declaration, ...], modes: frozenset[Mode]) -> Iterator[StyleRule]:
    try:
        parsed = parse(selectors)
    except SelectorError:
        return  # a browser drops the whole rule as well
    for one in parsed:
        if one.pseudo_element is not None:
            continue
        try:
            find = XPath(HTMLTranslator().selector_to_xpath(one))
        except (SelectorError, XPathError):
            continue
        yield StyleRule(find, one.canonical(), one.specificity(), declared, modes)


def rules_of(tree: _Element) -> tuple[StyleRule, ...]:
    """The rules of the document's `<style>` elements, in their order."""
    found: list[StyleRule] = []
    for element in tree.iter("style"):
        found += _read(element.text or "", element.get("media") or "")
    return tuple(found)
