"""The letter's `<style>`, read: which declarations it has for which elements, and under which conditions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import tinycss2
from cssselect import SelectorError, parse
from lxml.etree import XPathError, _Element

from pvd_mailer.css_selectors import CompiledSelector, compile_selector, match_selectors

__all__ = ["ColourScheme", "Declaration", "StyleRule", "parse_declarations", "rules_by_element", "style_rules"]


class ColourScheme(StrEnum):
    """Of the reader's screen: what CSS calls `prefers-color-scheme`."""

    LIGHT = "light"
    DARK = "dark"


_WINDOW_WIDTH = 700
"""Of the window that the letter is looked at in, in CSS pixels: a computer's."""
_WIDTH_QUERY = re.compile(r"(min|max)-(?:device-)?width\s*:\s*(\d+)(?:\.\d+)?px")
_SCHEME_QUERY = re.compile(r"prefers-color-scheme\s*:\s*(light|dark)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """`name: value`, in lower case, as it is written."""

    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class StyleRule:
    """Declarations for what one selector finds.

    Attributes:
        select: The selector, as elements are found by it.
    """

    select: CompiledSelector
    selector: str
    specificity: tuple[int, int, int]
    declarations: tuple[Declaration, ...]
    schemes: frozenset[ColourScheme]


@lru_cache(maxsize=4096)  # most style attributes of a letter are alike, and most stay between two saves
def parse_declarations(style: str) -> tuple[Declaration, ...]:
    """What a style attribute, or the inside of a rule's braces, declares."""
    return tuple(
        _declarations_of_nodes(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True))
    )


def _declarations_of_nodes(nodes: list[tinycss2.ast.Node]) -> Iterator[Declaration]:
    for node in nodes:
        if node.type == "declaration":
            value = tinycss2.serialize(node.value).strip()
            yield Declaration(node.lower_name, value, bool(node.important))


def _schemes_of_media(media: str) -> frozenset[ColourScheme]:
    """In which modes a media query holds, on a computer's screen."""
    schemes: set[ColourScheme] = set()
    for query in media.lower().split(","):
        if "print" in query or "speech" in query or query.strip().startswith("not "):
            continue
        if any((int(size) > _WINDOW_WIDTH) == (edge == "min") for edge, size in _WIDTH_QUERY.findall(query)):
            continue
        asked_schemes = _SCHEME_QUERY.findall(query)
        schemes |= {ColourScheme(asked_schemes[0])} if asked_schemes else set(ColourScheme)
    return frozenset(schemes)


@lru_cache(maxsize=64)
def _parse_stylesheet(text: str, media: str) -> tuple[StyleRule, ...]:
    schemes = _schemes_of_media(media) if media.strip() else frozenset(ColourScheme)
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return tuple(_rules_of_nodes(nodes, schemes))


def _rules_of_nodes(nodes: list[tinycss2.ast.Node], schemes: frozenset[ColourScheme]) -> Iterator[StyleRule]:
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword in ("media", "supports") and node.content is not None:
            inner_schemes = schemes
            if node.lower_at_keyword == "media":
                inner_schemes = schemes & _schemes_of_media(tinycss2.serialize(node.prelude))
            inner_nodes = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
            yield from _rules_of_nodes(inner_nodes, inner_schemes)
        elif node.type == "qualified-rule":
            own_declarations = parse_declarations(tinycss2.serialize(node.content))
            yield from _rules_of_selectors(tinycss2.serialize(node.prelude).strip(), own_declarations, schemes)


def _rules_of_selectors(
    selectors: str, declarations: tuple[Declaration, ...], schemes: frozenset[ColourScheme]
) -> Iterator[StyleRule]:
    try:
        parsed = parse(selectors)
    except SelectorError:
        return  # a browser drops the whole rule as well
    for selector in parsed:
        try:
            select = compile_selector(selector)
        except (SelectorError, XPathError):
            continue
        yield StyleRule(select, selector.canonical(), selector.specificity(), declarations, schemes)


def style_rules(tree: _Element) -> tuple[StyleRule, ...]:
    """The rules of the document's `<style>` elements, in their order."""
    rules: list[StyleRule] = []
    for element in tree.iter("style"):
        rules += _parse_stylesheet(element.text or "", element.get("media") or "")
    return tuple(rules)


def rules_by_element(tree: _Element, rules: Iterable[StyleRule]) -> Mapping[_Element, tuple[StyleRule, ...]]:
    """By element of the document `tree`, those of `rules` that select it, in the order of the cascade.

    Elements that the same rules select are given one and the same tuple.
    """
    by_precedence = sorted(rules, key=lambda rule: rule.specificity)
    numbers = match_selectors(tree, [rule.select for rule in by_precedence])
    shared = {chosen: tuple(by_precedence[number] for number in chosen) for chosen in set(numbers.values())}
    return {element: shared[chosen] for element, chosen in numbers.items()}
