"""How the letter's elements look, worked out as a browser does: inherited, inlined, and by the rules of `<style>`.

Only what the rules on accessibility ask for: colours, what stands behind them, the shape of letters, and whether
anything is seen at all. Where that depends on more (a picture behind the text), the answer is that it is not known.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lxml.etree import _Element

from pvd_mailer.check.colours import BLACK, WHITE, Colour, colour
from pvd_mailer.check.sheets import Declaration, Mode, declarations, rules_of

__all__ = ["Look", "looks"]

_LOOKED_AT = frozenset({
    "color", "background", "background-color", "background-image", "display", "visibility", "font-size", "font-weight",
    "font-style", "font-family", "font", "text-decoration", "text-decoration-line", "border", "border-bottom",
    "opacity",
})  # fmt: skip
BODY_SIZE = 16.0
BOLD, NORMAL = 700, 400
_HEADINGS = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h4": 1.0, "h5": 0.83, "h6": 0.67}
_SIZES = {"small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0, "xx-large": 32.0, "x-small": 10.0}
_LINK = Colour(0, 0, 238 / 255)
_NIGHT = Colour(18 / 255, 18 / 255, 18 / 255)
"""What browsers put behind a document that says that it knows the dark."""
_NUMBER = re.compile(r"([\d.]+)(px|pt|em|rem|%)?")
_UNITS = {"px": 1.0, "pt": 4 / 3, "rem": BODY_SIZE}


@dataclass(frozen=True, slots=True)
class Look:
    """How an element looks in one mode.

    Attributes:
        behind: The colour behind its text; None where a picture is.
        size: Of its letters, in CSS pixels.
        decorated: Whether its text is underlined.
        bordered: Whether a line of its own stands under or around it.
        opacity: Of all that is in it, from 0 to 1.
    """

    colour: Colour
    behind: Colour | None
    size: float = BODY_SIZE
    weight: int = NORMAL
    italic: bool = False
    family: str = ""
    decorated: bool = False
    bordered: bool = False
    seen: bool = True
    opacity: float = 1.0

    @property
    def text(self) -> Colour | None:
        """The colour that its text is seen in; None where that is not known."""
        if self.behind is None:
            return None
        return replace(self.colour, alpha=self.colour.alpha * self.opacity).over(self.behind)


def looks(tree: _Element, mode: Mode) -> Mapping[_Element, Look]:
    """The look of every element of the document's body in `mode`."""
    body = tree.find("body")
    if body is None:
        return {}
    rules: dict[_Element, list[tuple[tuple[int, int, int], int, Declaration]]] = {}
    knows_dark = False
    for number, rule in enumerate(rules_of(tree)):
        if mode not in rule.modes:
            continue
        knows_dark |= any(one.name == "color-scheme" and "dark" in one.value for one in rule.declarations)
        wanted = [one for one in rule.declarations if one.name in _LOOKED_AT]
        for element in rule.find(tree) if wanted else ():
            rules.setdefault(element, []).extend((rule.specificity, number, one) for one in wanted)
    dark = mode is Mode.DARK and (knows_dark or _meta_knows_dark(tree))
    found: dict[_Element, Look] = {}
    root = Look(WHITE if dark else BLACK, _NIGHT if dark else WHITE)
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        above = root if element is body else found[element.getparent()]
        found[element] = _look(element, above, rules.get(element, ()))
    return found


def _meta_knows_dark(tree: _Element) -> bool:
    return any(
        one.get("name") in ("color-scheme", "supported-color-schemes") and "dark" in (one.get("content") or "")
        for one in tree.iter("meta")
    )


def _look(
    element: _Element,
    above: Look,
    rules: "list[tuple[tuple[int, int, int], int, Declaration]] | tuple[()]",
) -> Look:
    """`above` is the look of its parent."""
    values: dict[str, str] = {}
    own = declarations(element.get("style") or "")
    for important in (False, True):
        for _specificity, _number, one in sorted(rules, key=lambda rule: rule[:2]):
            if one.important is important:
                _put(values, one)
        for one in own:
            if one.important is important and one.name in _LOOKED_AT:
                _put(values, one)
    look = _by_name(element, above)
    return _drawn(values, look, above) if values else look


def _put(values: dict[str, str], one: Declaration) -> None:
    values.pop(one.name, None)
    values[one.name] = one.value


def _by_name(element: _Element, above: Look) -> Look:
    """What an element looks like by its name and its attributes alone."""
    tag = element.tag
    look = replace(above, bordered=False) if above.bordered else above
    if tag in _HEADINGS:
        look = replace(look, size=above.size * _HEADINGS[tag], weight=BOLD)
    elif tag in ("b", "strong", "th"):
        look = replace(look, weight=BOLD)
    elif tag in ("em", "i", "cite", "address"):
        look = replace(look, italic=True)
    elif tag in ("small", "sup", "sub"):
        look = replace(look, size=above.size * 0.83)
    elif tag == "a" and element.get("href") is not None:
        look = replace(look, colour=_LINK, decorated=True)
    elif tag == "u":
        look = replace(look, decorated=True)
    elif tag in ("style", "script", "template", "noscript"):
        look = replace(look, seen=False)
    written = element.get("bgcolor")
    behind = colour(written) if written else None
    if behind is not None:
        look = replace(look, behind=behind)
    written = element.get("color") if tag == "font" else None
    drawn = colour(written) if written else None
    if drawn is not None:
        look = replace(look, colour=drawn)
    if element.get("hidden") is not None:
        look = replace(look, seen=False)
    return look


def _drawn(values: Mapping[str, str], look: Look, above: Look) -> Look:
    """`look` with what is declared; of `font` and `background` and their parts, the last one counts."""
    drawn, behind, size, weight = look.colour, look.behind, look.size, look.weight
    italic, family, decorated, bordered, seen = look.italic, look.family, look.decorated, look.bordered, look.seen
    opacity = look.opacity
    for name, value in values.items():
        if name == "color":
            drawn = (above.colour if value == "inherit" else colour(value)) or drawn
        elif name.startswith("background"):
            behind = _behind(value, behind, above.behind)
        elif name in ("display", "visibility"):
            seen = seen and value not in ("none", "hidden")
        elif name == "opacity":
            opacity = above.opacity * _share(value)
        elif name == "font-size":
            size = _size(value, above.size, size)
        elif name == "font-weight":
            weight = _weight(value, weight)
        elif name == "font-style":
            italic = value in ("italic", "oblique")
        elif name == "font-family":
            family = value.partition(",")[0].strip("'\" ").casefold()
        elif name.startswith("text-decoration"):
            # A link's own line goes; its parent's goes through whatever stands in it.
            decorated = "underline" in value or above.decorated
        elif name.startswith("border"):
            bordered = not re.match(r"(?:0\b|none|hidden)", value)
    if opacity < 1 and behind != above.behind:
        behind = None  # it lets through what stands behind it, together with its text
    return Look(drawn, behind, size, weight, italic, family, decorated, bordered, seen and opacity > 0, opacity)


def _behind(value: str, behind: Colour | None, above: Colour | None) -> Colour | None:
    if "url(" in value or "gradient(" in value:
        return None
    found = next((one for one in map(colour, re.split(r"\s+(?![^(]*\))", value)) if one is not None), None)
    if found is None or found.alpha == 0:
        return above if value in ("transparent", "none", "inherit", "initial") else behind
    return found if found.alpha == 1 else found.over(above) if above else None


def _share(value: str) -> float:
    match = _NUMBER.fullmatch(value)
    if match is None:
        return 1.0
    return min(1.0, float(match[1]) / (100 if match[2] == "%" else 1))


def _size(value: str, above: float, size: float) -> float:
    if value in _SIZES:
        return _SIZES[value]
    match = _NUMBER.fullmatch(value)
    if match is None:
        return size
    number, unit = float(match[1]), match[2] or "px"
    if unit == "%":
        return above * number / 100
    return number * (above if unit == "em" else _UNITS[unit])


def _weight(value: str, weight: int) -> int:
    if value in ("bold", "bolder"):
        return BOLD
    if value in ("normal", "lighter"):
        return NORMAL
    return int(value) if value.isdecimal() else weight
