"""How the letter's elements look, worked out as a browser does: inherited, inlined, and by the rules of `<style>`.

Only what the rules on accessibility ask for: colours, what stands behind them, the shape of letters, and whether
anything is seen at all. Where that depends on more (a picture behind the text), the answer is that it is not known.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from lxml.etree import _Element

from pvd_mailer.check.html.stylesheet import (
    ColourScheme,
    Declaration,
    StyleRule,
    parse_declarations,
    rules_by_element,
    style_rules,
)
from pvd_mailer.colour import BLACK, WHITE, RgbColour, parse_colour

__all__ = ["ComputedStyle", "computed_styles"]

_BODY_SIZE = 16.0
BOLD_WEIGHT, _NORMAL_WEIGHT = 700, 400
_KEYWORD_SIZES = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0, "x-small": 10.0}
_DARK_CANVAS = RgbColour(18 / 255, 18 / 255, 18 / 255)
"""What browsers put behind a document that says that it knows the dark."""
_HEADING_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_SIZE_BY_TAG = _HEADING_SIZES | dict.fromkeys(("small", "sup", "sub"), 0.83)
"""Times the size of the letters around."""
_STYLE_BY_TAG: Mapping[str, Mapping[str, Any]] = {
    **{tag: {"font_weight": BOLD_WEIGHT} for tag in (*_HEADING_SIZES, "b", "strong", "th")},
    **{tag: {"italic": True} for tag in ("em", "i", "cite", "address")},
    **{tag: {"visible": False} for tag in ("style", "script", "template", "noscript")},
    "u": {"underlined": True},
}
_LINK_STYLE = {"colour": RgbColour(0, 0, 238 / 255), "underlined": True}
_NUMBER = re.compile(r"([\d.]+)(px|pt|em|rem|%)?")
_FONT = re.compile(
    r"(?P<words>(?:[a-z-]+\s+|\d{3}\s+)*?)(?P<size>[\d.]+(?:px|pt|em|rem|%)|(?:xx?-)?(?:small|large)|medium)"
    r"(?:\s*/\s*[\w.%]+)?\s+(?P<family>.+)",
    re.IGNORECASE | re.DOTALL,
)
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": _BODY_SIZE}


@dataclass(frozen=True, slots=True)
class ComputedStyle:
    """How an element looks in one colour scheme.

    Attributes:
        background: The colour behind its text; None where a picture is.
        font_size: Of its letters, in CSS pixels.
        underlined: Whether its text is underlined.
        has_border: Whether a line of its own stands under or around it.
        opacity: Of all that is in it, from 0 to 1.
    """

    colour: RgbColour
    background: RgbColour | None
    font_size: float = _BODY_SIZE
    font_weight: int = _NORMAL_WEIGHT
    italic: bool = False
    font_family: str = ""
    underlined: bool = False
    has_border: bool = False
    visible: bool = True
    opacity: float = 1.0

    @property
    def text_colour(self) -> RgbColour | None:
        """The colour that its text is seen in; None where that is not known."""
        if self.background is None:
            return None
        if self.opacity == 1:
            return self.colour.over(self.background)
        return replace(self.colour, alpha=self.colour.alpha * self.opacity).over(self.background)


def computed_styles(tree: _Element) -> Mapping[ColourScheme, Mapping[_Element, ComputedStyle]]:
    """By colour scheme, the style of every element of the document's body."""
    body = tree.find("body")
    if body is None:
        return {scheme: {} for scheme in ColourScheme}
    rules = style_rules(tree)
    matched = rules_by_element(tree, [rule for rule in rules if rule.schemes and _declared(rule.declarations)])
    styles: dict[_Element, _StyleByScheme] = {}
    root = tuple(_root_style(tree, rules, scheme) for scheme in ColourScheme)
    known: dict[tuple[object, ...], _StyleByScheme] = {}
    for element in body.iter("*"):
        parent = styles.get(element.getparent(), root)
        own_rules = matched.get(element, ())
        # Of a link, only that it leads somewhere. What is asked for its id lives as long as `known` does.
        is_link = element.tag == "a" and element.get("href") is not None
        attributes = map(element.get, _STYLING_ATTRIBUTES)
        alike = (id(parent), id(own_rules), element.tag, is_link, *attributes)
        if alike not in known:
            known[alike] = tuple(
                _computed_style(element, style, [rule for rule in own_rules if scheme in rule.schemes])
                for scheme, style in zip(ColourScheme, parent, strict=True)
            )
        styles[element] = known[alike]
    return {
        scheme: {element: by_scheme[number] for element, by_scheme in styles.items()}
        for number, scheme in enumerate(ColourScheme)
    }


_StyleByScheme = tuple[ComputedStyle, ...]
"""The styles of one element, in the order of `ColourScheme`; elements that are alike share one."""
_STYLING_ATTRIBUTES = ("style", "bgcolor", "color", "hidden")
"""What, beside rules and what stands around, the style of an element depends on."""


def _root_style(tree: _Element, rules: Iterable[StyleRule], scheme: ColourScheme) -> ComputedStyle:
    """What the document's body stands in."""
    if scheme is ColourScheme.DARK and (_rules_know_dark(rules, scheme) or _meta_knows_dark(tree)):
        return ComputedStyle(WHITE, _DARK_CANVAS)
    return ComputedStyle(BLACK, WHITE)


def _rules_know_dark(rules: Iterable[StyleRule], scheme: ColourScheme) -> bool:
    return any(
        declaration.name == "color-scheme" and "dark" in declaration.value
        for rule in rules
        if scheme in rule.schemes
        for declaration in rule.declarations
    )


def _meta_knows_dark(tree: _Element) -> bool:
    return any(
        meta.get("name") in ("color-scheme", "supported-color-schemes") and "dark" in (meta.get("content") or "")
        for meta in tree.iter("meta")
    )


@lru_cache(maxsize=4096)
def _declared(declarations: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
    """Those of `declarations` that are read here, `font` as the declarations that it stands for."""
    longhands = [
        longhand for one in declarations for longhand in (_font_longhands(one) if one.name == "font" else (one,))
    ]
    return tuple(declaration for declaration in longhands if declaration.name in _DECLARED)


def _font_longhands(font: Declaration) -> Iterator[Declaration]:
    """What `font` says of the shape of letters, its resets included; nothing where it is a word such as `inherit`."""
    match = _FONT.fullmatch(font.value)
    if match is None:
        return
    words = match["words"].lower().split()
    style = next((word for word in words if word in ("italic", "oblique")), "normal")
    weight = next((word for word in words if word in ("bold", "bolder", "lighter") or word.isdecimal()), "normal")
    values = {"font-style": style, "font-weight": weight, "font-size": match["size"], "font-family": match["family"]}
    for name, value in values.items():
        yield Declaration(name, value, font.important)


def _computed_style(element: _Element, parent: ComputedStyle, rules: Iterable[StyleRule]) -> ComputedStyle:
    """The style of `element`, in one whose style is `parent`; `rules` are those that select it, by precedence."""
    declarations = [declaration for rule in rules for declaration in _declared(rule.declarations)]
    declarations += _declared(parse_declarations(element.get("style") or ""))
    values: dict[str, str] = {}
    for important in (False, True):
        for declaration in declarations:
            if declaration.important is important:
                _declare(values, declaration)
    changes = _user_agent_changes(element, parent)
    return _with_declarations(values, changes, parent) if values else _changed(parent, changes)


def _changed(style: ComputedStyle, changes: Mapping[str, Any]) -> ComputedStyle:
    return replace(style, **changes) if changes else style


def _declare(values: dict[str, str], declaration: Declaration) -> None:
    values.pop(declaration.name, None)
    values[declaration.name] = declaration.value


def _user_agent_changes(element: _Element, parent: ComputedStyle) -> dict[str, Any]:
    """What an element has by its name and its attributes alone that its parent has not, by attribute of the style."""
    tag = element.tag
    changes: dict[str, Any] = {"has_border": False} if parent.has_border else {}
    changes |= _STYLE_BY_TAG.get(tag, {})
    if tag in _SIZE_BY_TAG:
        changes["font_size"] = parent.font_size * _SIZE_BY_TAG[tag]
    if tag == "a" and element.get("href") is not None:
        changes |= _LINK_STYLE
    background = _attribute_colour(element, "bgcolor")
    if background is not None:
        changes["background"] = background
    text_colour = _attribute_colour(element, "color") if tag == "font" else None
    if text_colour is not None:
        changes["colour"] = text_colour
    if element.get("hidden") is not None:
        changes["visible"] = False
    return changes


def _attribute_colour(element: _Element, name: str) -> RgbColour | None:
    attribute = element.get(name)
    return parse_colour(attribute) if attribute else None


def _with_declarations(values: Mapping[str, str], changes: dict[str, Any], parent: ComputedStyle) -> ComputedStyle:
    """The style of `parent` with `changes` and what is declared, in order: of properties for one thing, the last."""
    for name, value in values.items():
        attribute, computed = _DECLARED[name]
        inherited = getattr(parent, attribute)
        changes[attribute] = computed(value, changes.get(attribute, inherited), inherited)
    style = _changed(parent, changes)
    if style.opacity < 1 and style.background != parent.background:
        style = replace(style, background=None)  # it lets through what stands behind it, together with its text
    return style if style.opacity > 0 else replace(style, visible=False)


def _colour(value: str, colour: RgbColour, inherited: RgbColour) -> RgbColour:
    return (inherited if value == "inherit" else parse_colour(value)) or colour


def _visible(value: str, visible: bool, _inherited: bool) -> bool:  # noqa: FBT001 - one of the table's functions
    return visible and value not in ("none", "hidden")


def _italic(value: str, _italic: bool, _inherited: bool) -> bool:  # noqa: FBT001 - one of the table's functions
    return value in ("italic", "oblique")


def _font_family(value: str, _family: str, _inherited: str) -> str:
    return value.partition(",")[0].strip("'\" ").casefold()


def _underlined(value: str, _underlined: bool, inherited: bool) -> bool:  # noqa: FBT001 - one of the table's functions
    # A link's own line goes; its parent's goes through whatever stands in it.
    return "underline" in value or inherited


def _has_border(value: str, _has_border: bool, _inherited: bool) -> bool:  # noqa: FBT001 - one of the table's functions
    return not re.match(r"(?:0\b|none|hidden)", value)


def _background(value: str, background: RgbColour | None, inherited: RgbColour | None) -> RgbColour | None:
    if "url(" in value or "gradient(" in value:
        return None
    parsed = next(
        (candidate for candidate in map(parse_colour, re.split(r"\s+(?![^(]*\))", value)) if candidate is not None),
        None,
    )
    if parsed is None or parsed.alpha == 0:
        return inherited if value in ("transparent", "none", "inherit", "initial") else background
    return parsed if parsed.alpha == 1 else parsed.over(inherited) if inherited else None


def _opacity(value: str, _opacity: float, inherited: float) -> float:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return inherited
    return inherited * min(1.0, float(match[1]) / (100 if match[2] == "%" else 1))


def _font_size(value: str, size: float, inherited: float) -> float:
    if value in _KEYWORD_SIZES:
        return _KEYWORD_SIZES[value]
    match = _NUMBER.fullmatch(value)
    if match is None:
        return size
    number, unit = float(match[1]), match[2] or "px"
    if unit == "%":
        return inherited * number / 100
    return number * (inherited if unit == "em" else _UNITS[unit])


def _font_weight(value: str, weight: int, _inherited: int) -> int:
    if value in ("bold", "bolder"):
        return BOLD_WEIGHT
    if value in ("normal", "lighter"):
        return _NORMAL_WEIGHT
    return int(value) if value.isdecimal() else weight


_DECLARED: Mapping[str, tuple[str, Callable[[str, Any, Any], Any]]] = {
    "color": ("colour", _colour),
    "background": ("background", _background),
    "background-color": ("background", _background),
    "background-image": ("background", _background),
    "display": ("visible", _visible),
    "visibility": ("visible", _visible),
    "opacity": ("opacity", _opacity),
    "font-size": ("font_size", _font_size),
    "font-weight": ("font_weight", _font_weight),
    "font-style": ("italic", _italic),
    "font-family": ("font_family", _font_family),
    "text-decoration": ("underlined", _underlined),
    "text-decoration-line": ("underlined", _underlined),
    "border": ("has_border", _has_border),
    "border-bottom": ("has_border", _has_border),
}
"""By property that is read: what it tells of a style, and how: from its value, that so far, and that inherited."""
