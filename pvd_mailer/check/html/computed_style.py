"""How the letter's elements look, worked out as a browser does: inherited, inlined, and by the rules of `<style>`.

Only what the rules on accessibility ask for: colours, what stands behind them, the shape of letters, and whether
anything is seen at all. Where that depends on more (a picture behind the text), the answer is that it is not known.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lxml.etree import _Element

from pvd_mailer.check.html.stylesheet import ColourScheme, Declaration, parse_declarations, style_rules
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
        return replace(self.colour, alpha=self.colour.alpha * self.opacity).over(self.background)


def computed_styles(tree: _Element, scheme: ColourScheme) -> Mapping[_Element, ComputedStyle]:
    """The style of every element of the document's body in `scheme`."""
    body = tree.find("body")
    if body is None:
        return {}
    rules: dict[_Element, list[tuple[tuple[int, int, int], int, Declaration]]] = {}
    knows_dark = False
    for number, rule in enumerate(style_rules(tree)):
        if scheme not in rule.schemes:
            continue
        knows_dark |= any(
            declaration.name == "color-scheme" and "dark" in declaration.value for declaration in rule.declarations
        )
        declared = [declaration for declaration in rule.declarations if declaration.name in _DECLARED]
        for element in rule.select(tree) if declared else ():
            rules.setdefault(element, []).extend((rule.specificity, number, declaration) for declaration in declared)
    dark = scheme is ColourScheme.DARK and (knows_dark or _meta_knows_dark(tree))
    styles: dict[_Element, ComputedStyle] = {}
    root = ComputedStyle(WHITE if dark else BLACK, _DARK_CANVAS if dark else WHITE)
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        parent = root if element is body else styles[element.getparent()]
        styles[element] = _computed_style(element, parent, rules.get(element, ()))
    return styles


def _meta_knows_dark(tree: _Element) -> bool:
    return any(
        meta.get("name") in ("color-scheme", "supported-color-schemes") and "dark" in (meta.get("content") or "")
        for meta in tree.iter("meta")
    )


def _computed_style(
    element: _Element,
    parent: ComputedStyle,
    rules: "list[tuple[tuple[int, int, int], int, Declaration]] | tuple[()]",
) -> ComputedStyle:
    """The style of `element`, in one whose style is `parent`; `rules` are those that select it."""
    values: dict[str, str] = {}
    inline_declarations = parse_declarations(element.get("style") or "")
    for important in (False, True):
        for _specificity, _number, declaration in sorted(rules, key=lambda rule: rule[:2]):
            if declaration.important is important:
                _declare(values, declaration)
        for declaration in inline_declarations:
            if declaration.important is important and declaration.name in _DECLARED:
                _declare(values, declaration)
    style = _user_agent_style(element, parent)
    return _with_declarations(values, style, parent) if values else style


def _declare(values: dict[str, str], declaration: Declaration) -> None:
    values.pop(declaration.name, None)
    values[declaration.name] = declaration.value


def _user_agent_style(element: _Element, parent: ComputedStyle) -> ComputedStyle:
    """What an element looks like by its name and its attributes alone."""
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
    return replace(parent, **changes) if changes else parent


def _attribute_colour(element: _Element, name: str) -> RgbColour | None:
    attribute = element.get(name)
    return parse_colour(attribute) if attribute else None


def _with_declarations(values: Mapping[str, str], style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    """`style` with what is declared, in order: of `background` and its parts, the last one counts."""
    for name, value in values.items():
        style = _DECLARED[name](value, style, parent)
    if style.opacity < 1 and style.background != parent.background:
        style = replace(style, background=None)  # it lets through what stands behind it, together with its text
    return style if style.opacity > 0 else replace(style, visible=False)


def _declare_colour(value: str, style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    colour = parent.colour if value == "inherit" else parse_colour(value)
    return replace(style, colour=colour or style.colour)


def _declare_background(value: str, style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    return replace(style, background=_background(value, style.background, parent.background))


def _declare_visibility(value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return replace(style, visible=style.visible and value not in ("none", "hidden"))


def _declare_opacity(value: str, style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    return replace(style, opacity=parent.opacity * _opacity(value))


def _declare_font_size(value: str, style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    return replace(style, font_size=_font_size(value, parent.font_size, style.font_size))


def _declare_font_weight(value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return replace(style, font_weight=_font_weight(value, style.font_weight))


def _declare_font_style(value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return replace(style, italic=value in ("italic", "oblique"))


def _declare_font_family(value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return replace(style, font_family=value.partition(",")[0].strip("'\" ").casefold())


def _declare_font(_value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return style  # the shorthand is not taken apart


def _declare_underline(value: str, style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    # A link's own line goes; its parent's goes through whatever stands in it.
    return replace(style, underlined="underline" in value or parent.underlined)


def _declare_border(value: str, style: ComputedStyle, _parent: ComputedStyle) -> ComputedStyle:
    return replace(style, has_border=not re.match(r"(?:0\b|none|hidden)", value))


_DECLARED: Mapping[str, Callable[[str, ComputedStyle, ComputedStyle], ComputedStyle]] = {
    "color": _declare_colour,
    "background": _declare_background,
    "background-color": _declare_background,
    "background-image": _declare_background,
    "display": _declare_visibility,
    "visibility": _declare_visibility,
    "opacity": _declare_opacity,
    "font": _declare_font,
    "font-size": _declare_font_size,
    "font-weight": _declare_font_weight,
    "font-style": _declare_font_style,
    "font-family": _declare_font_family,
    "text-decoration": _declare_underline,
    "text-decoration-line": _declare_underline,
    "border": _declare_border,
    "border-bottom": _declare_border,
}
"""By property that is read: the element's style with its value, from its style so far and its parent's."""


def _background(value: str, background: RgbColour | None, parent_background: RgbColour | None) -> RgbColour | None:
    if "url(" in value or "gradient(" in value:
        return None
    parsed = next(
        (candidate for candidate in map(parse_colour, re.split(r"\s+(?![^(]*\))", value)) if candidate is not None),
        None,
    )
    if parsed is None or parsed.alpha == 0:
        return parent_background if value in ("transparent", "none", "inherit", "initial") else background
    return parsed if parsed.alpha == 1 else parsed.over(parent_background) if parent_background else None


def _opacity(value: str) -> float:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return 1.0
    return min(1.0, float(match[1]) / (100 if match[2] == "%" else 1))


def _font_size(value: str, parent_size: float, size: float) -> float:
    if value in _KEYWORD_SIZES:
        return _KEYWORD_SIZES[value]
    match = _NUMBER.fullmatch(value)
    if match is None:
        return size
    number, unit = float(match[1]), match[2] or "px"
    if unit == "%":
        return parent_size * number / 100
    return number * (parent_size if unit == "em" else _UNITS[unit])


def _font_weight(value: str, weight: int) -> int:
    if value in ("bold", "bolder"):
        return BOLD_WEIGHT
    if value in ("normal", "lighter"):
        return _NORMAL_WEIGHT
    return int(value) if value.isdecimal() else weight
