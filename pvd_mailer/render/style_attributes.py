"""A style attribute in fewer bytes: without what the element is or inherits anyway, and in shorter words.

What goes is inert: no program draws anything else without it. Whether it is depends on what stands around and on the
page's style sheets; where either is not known, the declaration stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

__all__ = ["INITIAL", "Inherited", "lighten_style"]

_DECLARATION = re.compile(r"""((?:[^;"'()]|"[^"]*"|'[^']*'|\([^()]*\))+);?""")
_ZERO = re.compile(r"(?<![\w.#%+-])0px(?![\w%])")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|(?!(?:none|inherit|initial|unset|revert)$)[a-z]+|rgba?\([\d\s,.%]+\)")
_SIZE = re.compile(r"(\d*\.?\d+)(px|pt|em|rem|%)")
_LENGTH = re.compile(r"0|-?[\d.]+(?:px|pt|em|rem|%)|auto")
_LINE_HEIGHT = re.compile(r"[\d.]+(?:px|pt|em|%)?|normal")
_WEIGHT = re.compile(r"normal|bold|[1-9]00")
_FONT_STYLE = re.compile(r"normal|italic|oblique")
_FAMILY = re.compile(r"(?!(?:inherit|initial|unset|revert)\b)[^!()]+")
_QUOTED_NAME = re.compile(r"""(["'])([A-Za-z]+(?: [A-Za-z]+)*)\1""")
_FONT_PARTS: Final = ("font-style", "font-weight", "font-size", "line-height", "font-family")
_LINES_BY_TAG: Final = frozenset({"a", "u", "ins", "s", "strike", "del", "abbr", "acronym"})
"""Elements that a browser draws a line under or through, which `text-decoration:none` takes away."""
_OTHER_FONTS_BY_TAG: Final = frozenset({"code", "kbd", "samp", "tt", "pre", "input", "select", "textarea", "button"})
_OTHER_FONT = re.compile(r"font-(?!style$|weight$|size$|family$)|all$")
_CHANGES_BY_TAG: Final[Mapping[str, Mapping[str, str | None]]] = {
    **{tag: {"weight": "bold"} for tag in ("h1", "h2", "h3", "h4", "h5", "h6", "b", "strong")},
    **{tag: {"style": "italic"} for tag in ("em", "i", "cite", "address", "dfn", "var")},
    **{tag: {"weight": None, "style": None} for tag in _OTHER_FONTS_BY_TAG},
    "th": {"weight": "bold", "text_align": None},
    "caption": {"text_align": None},
    "center": {"text_align": None},
}
_BOXES: Final = frozenset({"table", "tbody", "tr", "td", "div", "p", "img", "span", "h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(frozen=True, slots=True)
class Inherited:
    """What an element hands down to those in it; None where that is not known.

    Attributes:
        text_align: Only what a declaration, or `align="left"`, says: `align="center"` centres blocks as well.
        weight: `font-weight`.
        style: `font-style`.
        transform: `text-transform`.
        plain: Whether nothing is said of a font beyond what `font` can say.
        size: Of the font, in CSS pixels; that of a browser where it is 0, as in MJML's cells, whose texts say theirs.
        dark: Whether what stands behind it is.
    """

    text_align: str | None = None
    direction: str | None = None
    weight: str | None = "normal"
    style: str | None = "normal"
    transform: str | None = "none"
    cursor: str | None = "auto"
    plain: bool = True
    size: float = 16
    dark: bool = False


INITIAL: Final = Inherited()
_HANDED_DOWN: Final = {
    "text-align": "text_align",
    "direction": "direction",
    "font-weight": "weight",
    "font-style": "style",
    "text-transform": "transform",
    "cursor": "cursor",
}
Effects = frozenset[tuple[str, str]]
"""What style sheets may declare for the element, see `SheetEffects.of`."""


@lru_cache(maxsize=2048)  # MJML writes the same few hundred in every letter
def lighten_style(
    tag: str,
    style: str,
    attributes: tuple[tuple[str, str], ...],
    around: Inherited,
    effects: Effects,
) -> tuple[str, Inherited]:
    """`style` of an element `tag` in fewer bytes, and what it hands down.

    Args:
        tag: Its name.
        style: Its style attribute; "" where it has none.
        attributes: Those of its others that say how it looks: `align`, `dir`, `border`, `cellspacing`, `width`, `href`.
        around: What the element around it hands down.
        effects: What the page's style sheets may declare for it.
    """
    html = dict(attributes)
    own = _by_element(tag, html, around, effects)
    declarations = _parse(style)
    if declarations is None:
        return style, Inherited(weight=None, style=None, transform=None, cursor=None, plain=False, size=own.size)
    inside = _handed_down(declarations, own, effects)
    ground = declarations.get("background-color") or declarations.get("background") or html.get("bgcolor") or ""
    if ground:
        inside = replace(inside, dark=_is_dark(ground, dark=around.dark))
    kept = {
        name: value
        for name, value in declarations.items()
        if not (
            _is_free(name, value, effects)
            and (_is_inert(tag, name, value, html, own, declarations) or _is_repeated(tag, name, value, html, effects))
        )
    }
    if _turns_ground(html.get("bgcolor", ""), declarations, around, effects):
        kept["background-color"] = html["bgcolor"]
    for edge in ("padding", "margin"):
        kept = _merge_edges(kept, edge)
    if inside.plain:
        kept = _merge_font(kept, tag, own)
    return ";".join(f"{name}:{value}" for name, value in kept.items()), inside


def _turns_ground(ground: str, declarations: dict[str, str], around: Inherited, effects: Effects) -> bool:
    """Whether dark stands in light, or light in dark, by `bgcolor` alone: SpamAssassin would see white on white."""
    if not ground or any(name.startswith("background") for name in declarations):
        return False
    is_shielded = any(name.startswith("normal:background") for name, _value in effects)
    return not is_shielded and _is_dark(ground, dark=around.dark) != around.dark


def _is_dark(ground: str, *, dark: bool) -> bool:
    """Whether the colour `ground` is dark; `dark` where it is not written as six digits."""
    match = re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", ground)
    return sum(int(part, 16) for part in match.groups()) < 3 * 128 if match else dark


def _parse(style: str) -> dict[str, str] | None:
    """By property, its value; None where it is more than a list of different properties."""
    declarations: dict[str, str] = {}
    position = 0
    for part in _DECLARATION.finditer(style):
        if part.start() != position:
            return None
        position = part.end()
        name, colon, value = part[1].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            if name:
                return None
            continue
        if declarations.get(name, value) != value:
            return None  # the last that a program understands: which, each knows for itself
        declarations[name] = _shorter(name, value)
    return declarations if position == len(style) else None


def _shorter(name: str, value: str) -> str:
    if name == "font-family":
        return re.sub(r"\s*,\s*", ",", _QUOTED_NAME.sub(r"\2", value))
    if name.startswith("mso-") or "(" in value or '"' in value or "'" in value:
        return value
    return _ZERO.sub("0", value)


def _by_element(tag: str, html: dict[str, str], around: Inherited, effects: Effects) -> Inherited:
    """What is handed down to the element, changed by its name, its attributes and the sheets."""
    changes: dict[str, Any] = dict(_CHANGES_BY_TAG.get(tag, {}))
    if tag == "table":  # in the quirks of a page without a document type, some of it stops here
        usual = {"text_align": "left", "weight": "normal", "style": "normal"}
        changes |= {field: None for field, value in usual.items() if getattr(around, field) != value}
    if tag == "a" and "href" in html:
        changes["cursor"] = None
    if "align" in html and tag not in ("table", "img"):
        changes["text_align"] = "left" if html["align"] == "left" else None
    if "dir" in html:
        changes["direction"] = html["dir"]
    for name, _value in effects:
        changes |= {field: None for handed, field in _HANDED_DOWN.items() if _concerns(name, handed)}
        if _OTHER_FONT.match(name):
            changes["plain"] = False
    return replace(around, **changes) if changes else around


_APART: Final = frozenset({"border-collapse", "border-spacing", "border-radius", "border-color"})
"""Properties that begin as `border` does, and draw no border."""


def _concerns(declared: str, name: str) -> bool:
    """Whether a declaration of `declared` can change `name`."""
    if declared in (name, "all"):
        return True
    if declared in _APART or name in _APART:
        return False
    return declared.startswith(f"{name}-") or name.startswith(f"{declared}-")


def _is_free(name: str, value: str, effects: Effects) -> bool:
    """Whether no sheet says anything else of `name` for this element: the declaration shields it from nothing."""
    if name == "background":  # the colour stays beside it; what else it resets, only a picture would bring back
        return all(_COLOUR.fullmatch(said) for declared, said in effects if declared.startswith(name))
    return all(said == value or not _concerns(declared, name) for declared, said in effects)


def _handed_down(declarations: dict[str, str], own: Inherited, effects: Effects) -> Inherited:
    changes = {
        field: declarations[name].lower()
        if "!" not in declarations[name] and _is_free(name, declarations[name], effects)
        else None
        for name, field in _HANDED_DOWN.items()
        if name in declarations
    }
    handed: dict[str, Any] = {field: value for field, value in changes.items() if value != "inherit"}
    if "font" in declarations:
        handed |= {"weight": None, "style": None}
    if any(_OTHER_FONT.match(name) for name in declarations):
        handed["plain"] = False
    size = _font_size(declarations, own.size)
    return replace(own, **handed, size=size) if handed or size != own.size else own


def _font_size(declarations: dict[str, str], around: float) -> float:
    match = _SIZE.match(declarations.get("font-size", "")) or _SIZE.search(declarations.get("font", ""))
    if match is None:
        return around
    number, unit = float(match[1]), match[2]
    return number * {"px": 1, "pt": 4 / 3, "rem": INITIAL.size, "em": around, "%": around / 100}[unit] or INITIAL.size


def _is_inert(
    tag: str, name: str, value: str, html: dict[str, str], own: Inherited, declarations: dict[str, str]
) -> bool:
    """Whether the element is the same without `name:value`, as far as no style sheet is asked."""
    if name in ("text-align", "direction", "text-transform", "cursor"):
        return getattr(own, _HANDED_DOWN[name]) == value and not (name == "cursor" and tag == "a")
    if name == "background":
        return declarations.get("background-color") == value and _COLOUR.fullmatch(value) is not None
    return tag in _BOXES and (name, value) in _initial_values(tag, html, declarations)


def _is_repeated(tag: str, name: str, value: str, html: dict[str, str], effects: Effects) -> bool:
    """Whether MJML's own sheet says it of every table; of one without borders and gaps it changes nothing anyway."""
    is_plain_table = tag == "table" and html.get("border") == "0" and html.get("cellspacing") == "0"
    return is_plain_table and name == "border-collapse" and (name, value) in effects


def _initial_values(tag: str, html: dict[str, str], declarations: dict[str, str]) -> set[tuple[str, str]]:
    """What a box of this name is anyway, and never inherits."""
    values = {("outline", "none")}
    if tag not in _LINES_BY_TAG:
        values.add(("text-decoration", "none"))
    if tag in ("td", "div", "p") or (tag == "table" and html.get("border") == "0"):
        values |= {("border", "none"), ("border", "0")}
    if tag == "table":
        values.add(("table-layout", "auto"))
        if "display" not in declarations:  # of a table in a line, it says where it stands
            values |= {("vertical-align", value) for value in ("top", "middle", "bottom", "baseline")}
        if html.get("cellspacing") == "0":
            values.add(("border-spacing", "0"))
        if html.get("width") == "100%":
            values.add(("width", "100%"))
    return values


def _merge_edges(kept: dict[str, str], name: str) -> dict[str, str]:
    """`kept` with the sides of `name`, padding or margin, in its shorthand, and that in as few values as it takes."""
    values = kept.get(name, "").split()
    sides = [side for side in kept if side.startswith(f"{name}-")]
    names = [f"{name}-{side}" for side in ("top", "right", "bottom", "left")]
    if not values or any(not _LENGTH.fullmatch(value) for value in (*values, *(kept[side] for side in sides))):
        return kept
    if any(side not in names for side in sides) or list(kept).index(name) > min(map(list(kept).index, sides or [name])):
        return kept
    # HTML's own order: a value that is not said is that of the opposite side.
    four = [values[0], values[min(1, len(values) - 1)], values[2] if len(values) > 2 else values[0], values[-1]]  # noqa: PLR2004
    four[3] = values[3] if len(values) > 3 else four[1]  # noqa: PLR2004
    top, right, bottom, left = (kept.get(side, value) for side, value in zip(names, four, strict=True))
    shortest = [top, right, bottom, left]
    if left == right:
        shortest.pop()
        if bottom == top:
            shortest.pop()
            if right == top:
                shortest.pop()
    merged = {key: value for key, value in kept.items() if key not in sides}
    merged[name] = " ".join(shortest)
    return merged


def _merge_font(kept: dict[str, str], tag: str, own: Inherited) -> dict[str, str]:
    """`kept` with its font in one declaration where size, line and family are said, and what that resets is known."""
    if "font" in kept or tag in _OTHER_FONTS_BY_TAG or any(name not in kept for name in _FONT_PARTS[2:]):
        return kept
    style, weight = kept.get("font-style", own.style), kept.get("font-weight", own.weight)
    size, line, family = (kept[name] for name in _FONT_PARTS[2:])
    patterns = ((_FONT_STYLE, style), (_WEIGHT, weight), (_SIZE, size), (_LINE_HEIGHT, line), (_FAMILY, family))
    if any(value is None or not pattern.fullmatch(value) for pattern, value in patterns):
        return kept
    words = [value for value in (style, weight) if value not in (None, "normal")]
    font = " ".join([*words, size if line == "normal" else f"{size}/{line}", family])
    merged: dict[str, str] = {}
    for name, value in kept.items():
        if name not in _FONT_PARTS:
            merged[name] = value
        elif "font" not in merged:
            merged["font"] = font
    return merged
