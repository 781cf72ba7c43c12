"""How the letter's elements look, worked out as a browser does: inherited, inlined, and by the rules of `<style>`.

Only what the rules on accessibility ask for: colours, what stands behind them, the shape of letters, and whether
anything is seen at all. Where that depends on more (a picture behind the text), the answer is that it is not known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml.etree import _Element

from pvd_mailer.check.html.colour import BLACK, WHITE, RgbColour, parse_colour
from pvd_mailer.check.html.stylesheet import ColourScheme, Declaration, parse_declarations, style_rules

__all__ = ["ComputedStyle", "computed_styles"]

_READ_PROPERTIES = frozenset({
    "color", "background", "background-color", "background-image", "display", "visibility", "font-size", "font-weight",
    "font-style", "font-family", "font", "text-decoration", "text-decoration-line", "border", "border-bottom",
    "opacity",
})  # fmt: skip
_BODY_SIZE = 16.0
BOLD_WEIGHT, _NORMAL_WEIGHT = 700, 400
_HEADINGS = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_KEYWORD_SIZES = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0, "x-small": 10.0}
_LINK_COLOUR = RgbColour(0, 0, 238 / 255)
_DARK_CANVAS = RgbColour(18 / 255, 18 / 255, 18 / 255)
"""What browsers put behind a document that says that it knows the dark."""
_NUMBER = re.compile(r"([\d.]+)(px|pt|em|rem|%)?")
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": _BODY_SIZE}


@dataclass(frozen=True, slots=True)
class ComputedStyle:
    """How an element looks in one mode.

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
    """The look of every element of the document's body in `scheme`."""
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
        declared = [declaration for declaration in rule.declarations if declaration.name in _READ_PROPERTIES]
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
    """`parent` is the look of its parent."""
    values: dict[str, str] = {}
    inline_declarations = parse_declarations(element.get("style") or "")
    for important in (False, True):
        for _specificity, _number, declaration in sorted(rules, key=lambda rule: rule[:2]):
            if declaration.important is important:
                _declare(values, declaration)
        for declaration in inline_declarations:
            if declaration.important is important and declaration.name in _READ_PROPERTIES:
                _declare(values, declaration)
    style = _user_agent_style(element, parent)
    return _with_declarations(values, style, parent) if values else style


def _declare(values: dict[str, str], declaration: Declaration) -> None:
    values.pop(declaration.name, None)
    values[declaration.name] = declaration.value


def _user_agent_style(element: _Element, parent: ComputedStyle) -> ComputedStyle:
    """What an element looks like by its name and its attributes alone."""
    tag = element.tag
    style = replace(parent, has_border=False) if parent.has_border else parent
    if tag in _HEADINGS:
        style = replace(style, font_size=parent.font_size * _HEADINGS[tag], font_weight=BOLD_WEIGHT)
    elif tag in ("b", "strong", "th"):
        style = replace(style, font_weight=BOLD_WEIGHT)
    elif tag in ("em", "i", "cite", "address"):
        style = replace(style, italic=True)
    elif tag in ("small", "sup", "sub"):
        style = replace(style, font_size=parent.font_size * 0.83)
    elif tag == "a" and element.get("href") is not None:
        style = replace(style, colour=_LINK_COLOUR, underlined=True)
    elif tag == "u":
        style = replace(style, underlined=True)
    elif tag in ("style", "script", "template", "noscript"):
        style = replace(style, visible=False)
    attribute = element.get("bgcolor")
    background = parse_colour(attribute) if attribute else None
    if background is not None:
        style = replace(style, background=background)
    attribute = element.get("color") if tag == "font" else None
    text_colour = parse_colour(attribute) if attribute else None
    if text_colour is not None:
        style = replace(style, colour=text_colour)
    if element.get("hidden") is not None:
        style = replace(style, visible=False)
    return style


def _with_declarations(values: Mapping[str, str], style: ComputedStyle, parent: ComputedStyle) -> ComputedStyle:
    """`style` with what is declared; of `font` and `background` and their parts, the last one counts."""
    text_colour, background, font_size, font_weight = style.colour, style.background, style.font_size, style.font_weight
    italic, font_family, underlined, has_border, visible = (
        style.italic,
        style.font_family,
        style.underlined,
        style.has_border,
        style.visible,
    )
    opacity = style.opacity
    for name, value in values.items():
        if name == "color":
            text_colour = (parent.colour if value == "inherit" else parse_colour(value)) or text_colour
        elif name.startswith("background"):
            background = _background(value, background, parent.background)
        elif name in ("display", "visibility"):
            visible = visible and value not in ("none", "hidden")
        elif name == "opacity":
            opacity = parent.opacity * _opacity(value)
        elif name == "font-size":
            font_size = _font_size(value, parent.font_size, font_size)
        elif name == "font-weight":
            font_weight = _font_weight(value, font_weight)
        elif name == "font-style":
            italic = value in ("italic", "oblique")
        elif name == "font-family":
            font_family = value.partition(",")[0].strip("'\" ").casefold()
        elif name.startswith("text-decoration"):
            # A link's own line goes; its parent's goes through whatever stands in it.
            underlined = "underline" in value or parent.underlined
        elif name.startswith("border"):
            has_border = not re.match(r"(?:0\b|none|hidden)", value)
    if opacity < 1 and background != parent.background:
        background = None  # it lets through what stands behind it, together with its text
    return ComputedStyle(
        text_colour,
        background,
        font_size,
        font_weight,
        italic,
        font_family,
        underlined,
        has_border,
        visible and opacity > 0,
        opacity,
    )


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
