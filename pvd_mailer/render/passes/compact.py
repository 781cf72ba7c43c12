"""Fewer bytes that say the same: what MJML writes on every element and no program draws anything else without."""

import re
from dataclasses import replace
from functools import lru_cache

from lxml.etree import _Comment, _Element

from pvd_mailer.render.draft import Draft
from pvd_mailer.render.long_words import elements_to_break, without_word_break
from pvd_mailer.render.mjml_boilerplate import clean_head, is_mentioned
from pvd_mailer.render.page import parse_page, write_page
from pvd_mailer.render.sheet_effects import SheetEffects, sheet_effects
from pvd_mailer.render.style_attributes import INITIAL, Inherited, lighten_style

__all__ = ["compact_html", "run"]

_LOOKS = ("align", "dir", "border", "cellspacing", "width", "href")
"""Attributes that say how an element looks and that `lighten_style` asks for."""
_OTHER_FONT_FEATURES = re.compile(r"font-(?:variant|stretch|kerning|feature|variation|size-adjust|optical|palette)")
_OUTLOOK_OR_IE = "[if mso | IE]>"
_CLASS = re.compile(r' class="([^"<>]*)"')
_HIDDEN = re.compile(r"(?:^|;)\s*display:\s*none\b")
_PREHEADER_STYLE = "display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all"


def run(draft: Draft) -> Draft:
    """Rewrite `html`."""
    return replace(draft, html=compact_html(draft.html))


def compact_html(html: str) -> str:
    """`html` in fewer bytes: the same elements with the same looks, for whoever reads it.

    docs/decisions/0133 says of each thing that goes what it was there for. The same input gives the same bytes; once
    more, the pass finds nothing left to take.
    """
    page = parse_page(html)
    body = page.find("body")
    if body is None:
        return html
    sheets = clean_head(page)
    _prepare_body(body)
    effects = sheet_effects(sheets)
    merges_fonts = _OTHER_FONT_FEATURES.search(html) is None
    breaking = elements_to_break(body)
    around: dict[_Element, Inherited] = {}
    for element in body.iter():
        if isinstance(element.tag, str):
            above = around.get(element.getparent(), INITIAL)
            around[element] = _lighten_element(element, above, effects, breaks=element in breaking, merges=merges_fonts)
            _drop_idle_classes(element, sheets)
        elif isinstance(element, _Comment) and element.text.startswith("[if mso"):
            element.text = _lighten_comment(element.text, sheets)
    for tbody in list(body.iter("tbody")):
        _omit_tbody(tbody)
    return write_page(page, html)


def _lighten_element(
    element: _Element, around: Inherited, effects: SheetEffects, *, breaks: bool, merges: bool
) -> Inherited:
    """Rewrite the style of `element`; what it hands down."""
    attributes = element.attrib
    style, tag = attributes.get("style", ""), element.tag
    looks = tuple((name, attributes[name]) for name in _LOOKS if name in attributes)
    declared = effects.of(tag, attributes.get("class"), attributes.get("id"))
    if not breaks:
        style = without_word_break(style)
    lighter, inside = lighten_style(tag, style, looks, around, declared, merges)
    if lighter:
        attributes["style"] = lighter
    else:
        attributes.pop("style", None)
    attributes.pop("vertical-align", None)  # MJML writes the property as an attribute, which HTML has not
    return inside


def _drop_idle_classes(element: _Element, sheets: tuple[str, ...]) -> None:
    classes = element.get("class")
    if classes is None:
        return
    names = _living_classes(classes, sheets)
    if names:
        element.set("class", names)
    else:
        del element.attrib["class"]


@lru_cache(maxsize=1024)
def _living_classes(names: str, sheets: tuple[str, ...]) -> str:
    """`names` without those that MJML gives for its own rules, and that no rule asks for."""
    return " ".join(
        name
        for name in names.split()
        if not (name.startswith("mj-") or name.endswith("-outlook")) or is_mentioned(name, sheets)
    )


@lru_cache(maxsize=1024)
def _lighten_comment(text: str, sheets: tuple[str, ...]) -> str:
    """What classic Outlook alone reads, less classes; Internet Explorer, which read it too, has not since its 10."""

    def living(attribute: re.Match[str]) -> str:
        names = _living_classes(attribute[1], sheets)
        return f' class="{names}"' if names else ""

    if text.startswith(_OUTLOOK_OR_IE):
        text = "[if mso]>" + text[len(_OUTLOOK_OR_IE) :]
    return _CLASS.sub(living, text)


def _prepare_body(body: _Element) -> None:
    """Give `body` the names that Gmail's hooks ask for, and its hidden first line a style that no filter minds."""
    if "body" not in body.get("class", "").split():
        body.set("class", f"body {body.get('class', '')}".strip())
    if body.get("id") is None and not any(element.get("id") == "body" for element in body.iter("*")):
        body.set("id", "body")
    first = next((child for child in body if isinstance(child.tag, str)), None)
    if first is not None and first.tag == "div" and _HIDDEN.search(first.get("style", "")):
        first.set("style", _PREHEADER_STYLE)


def _omit_tbody(tbody: _Element) -> None:
    """Take out a `<tbody>` that every parser of HTML puts back where it was (HTML Living Standard, 13.1.2.4)."""
    table = tbody.getparent()
    if table is None or table.tag != "table" or tbody.attrib or not len(tbody) or tbody[0].tag != "tr":
        return
    if (tbody.text or "").strip() or (tbody.tail or "").strip():
        return
    if any(sibling is not tbody for sibling in table) or (table.text or "").strip():
        return
    table.text = None
    for row in list(tbody):
        table.append(row)
    table.remove(tbody)
