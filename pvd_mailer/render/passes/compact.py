"""Fewer bytes that say the same: what MJML writes on every element and no program draws anything else without."""

import re
from functools import lru_cache

from lxml import etree
from lxml.etree import _Element

from pvd_mailer.render.draft import Draft
from pvd_mailer.render.long_words import has_long_word, without_word_break
from pvd_mailer.render.mjml_boilerplate import clean_head, drop_node, is_mentioned
from pvd_mailer.render.sheet_effects import sheet_effects
from pvd_mailer.render.style_attributes import INITIAL, Inherited, lighten_style

__all__ = ["compact_page", "run"]

_LOOKS = frozenset({"align", "dir", "border", "cellspacing", "width", "href", "bgcolor"})
"""Attributes that say how an element looks and that `lighten_style` asks for."""
_ADDRESS_CLASS = "addr"
_ASKED_FOR = frozenset({_ADDRESS_CLASS, "body", "foot", "logo"})
"""Classes that no style sheet of the letter has to name: this pass asks for the first, Gmail's hooks for `body`, and
the pages of sent letters for the others (`archive/public_page.py`, `archive/sharing.py`)."""
_BREAK = "word-break:break-word"
_OUTLOOK_OR_IE = "[if mso | IE]>"
_NO_FONT_SIZE = ";font-size:0px;"
_INHERITED_ALONE = re.compile(r"(?:(?:font-family|font-size|line-height|text-align|color):[^;]*;?)+")
_NOTHING = "[if mso]><![endif]"
_CLASS = re.compile(r' class="([^"<>]*)"')
_LOOK_OF_WORDS = re.compile(r"""(?:^|;)\s*(?:color|font|font-[a-z]+|line-height|text-decoration)\s*:[^;"'()]*(?=;|$)""")
_LOOK_OF_LINKS = re.compile(r"(?:^|;)\s*(?:color|text-decoration)\s*:[^;\"'()]*(?=;|$)")
_HIDDEN = re.compile(r"(?:^|;)\s*display:\s*none\b")
_PREHEADER_STYLE = "display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all"


def run(draft: Draft) -> Draft:
    """Rewrite `page`."""
    if draft.page is not None:
        compact_page(draft.page)
    return draft


def compact_page(page: _Element) -> None:
    """Take from `page` what nobody sees: the same elements with the same looks stay, for whoever reads it.

    docs/decisions/0133 says of each thing that goes what it was there for. The same input gives the same bytes; once
    more, the pass finds nothing left to take.
    """
    body = page.find("body")
    if body is None:
        return
    sheets = clean_head(page)
    _prepare_body(body)
    for cell in list(body.iter("td")):
        _join_text_to_cell(cell)
    _lighten_elements(body, sheets)
    for comment in list(page.iter(etree.Comment)):
        if comment.text.startswith("[if mso"):
            comment.text = _lighten_comment(comment.text, sheets)
            if comment.text == _NOTHING:
                drop_node(comment)
    for tbody in list(body.iter("tbody")):
        _omit_tbody(tbody)


def _lighten_elements(body: _Element, sheets: tuple[str, ...]) -> None:
    """Rewrite classes and styles, from the outside to the inside, since some are inert by what they inherit."""
    effects = sheet_effects(sheets)
    # What `align` says, a browser does not hand into tables: from left to right that makes no difference.
    around_rtl = {
        outer for inner in body.xpath(".//*[@dir='rtl' or contains(@style, 'rtl')]") for outer in inner.iterancestors()
    }
    known: dict[tuple[object, ...], tuple[str, str, Inherited]] = {}
    around: dict[_Element | None, Inherited] = {}
    breakable: list[_Element] = []
    breaking: set[_Element] = set()
    for element in body.iter("*"):
        items = element.items()
        attributes = dict(items)
        style, classes, name = attributes.get("style", ""), attributes.get("class", ""), attributes.get("id")
        bare = _without_text(element, attributes) if element.tag in ("a", "img") else without_word_break(style)
        parent = element.getparent()
        above = around.get(parent, INITIAL)
        looks = tuple([item for item in items if item[0] in _LOOKS])
        if "align" in attributes and element in around_rtl:
            looks = (*looks, ("align", ""))
        # What is asked for its id lives as long as `known` does.
        alike = (id(above), element.tag, bare, classes, name if f"#{name}" in effects.by_key else None, looks)
        if alike not in known:
            declared = effects.of(element.tag, classes, name)
            lighter, inside = lighten_style(element.tag, bare, looks, above, declared)
            known[alike] = (lighter, _living_classes(classes, sheets), inside)
        lighter, living, inside = known[alike]
        around[element] = inside
        _set(element, "style", style, lighter)
        _set(element, "class", classes, living)
        _drop_idle_attributes(element, above)
        if "word-break" in style:
            breakable.append(element)
        if has_long_word(element.text, inside.size):
            _note(breaking, element)
        if has_long_word(element.tail, above.size):
            _note(breaking, parent)
    for element in breakable:
        if element in breaking or _ADDRESS_CLASS in element.get("class", "").split():
            element.set("style", f"{element.get('style', '')};{_BREAK}".lstrip(";"))


def _drop_idle_attributes(element: _Element, above: Inherited) -> None:
    if element.tag == "td" and above.text_align == "left" == element.get("align"):
        del element.attrib["align"]  # as what is around it is, and as a cell is where it says nothing
    if "vertical-align" in element.attrib:  # MJML writes the property as an attribute, which HTML has not
        del element.attrib["vertical-align"]


def _join_text_to_cell(cell: _Element) -> None:
    """Give a cell of `mj-text` the font and colour of the one `<div>` in it, which then goes.

    MJML sets the cell itself in letters of no size, so that blanks around the `<div>` take no room; there are none.
    """
    inner = cell[0] if len(cell) == 1 else None
    if inner is None or inner.tag != "div" or inner.keys() != ["style"] or (cell.text or inner.tail or "").strip():
        return
    style = cell.get("style", "")
    if _NO_FONT_SIZE not in f";{style}" or not _INHERITED_ALONE.fullmatch(inner.get("style", "")):
        return
    cell.set("style", f"{f';{style}'.replace(_NO_FONT_SIZE, ';', 1).strip('; ')};{inner.get('style', '')}")
    cell.text = inner.text
    cell[:] = list(inner)


def _without_text(element: _Element, attributes: dict[str, str]) -> str:
    """The style of a picture without words in its place, or of a link around such: the look of words is idle there."""
    style = attributes.get("style", "")
    if element.tag == "img":
        return _LOOK_OF_WORDS.sub("", style).lstrip(";") if attributes.get("alt") == "" else style
    is_bare = len(element) and not element.text
    if is_bare and all(child.tag == "img" and child.get("alt") == "" and not child.tail for child in element):
        return _LOOK_OF_LINKS.sub("", style).lstrip(";")
    return style


def _note(breaking: set[_Element], element: _Element | None) -> None:
    """Note `element`, and what it stands in."""
    while element is not None and element not in breaking:
        breaking.add(element)
        element = element.getparent()


def _set(element: _Element, name: str, was: str, value: str) -> None:
    if value:
        if value != was:
            element.set(name, value)
    else:
        element.attrib.pop(name, None)


@lru_cache(maxsize=1024)
def _living_classes(names: str, sheets: tuple[str, ...]) -> str:
    """`names` without those that only named rules which now stand in style attributes, and MJML's own."""
    return " ".join(name for name in names.split() if name in _ASKED_FOR or is_mentioned(name, sheets))


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
    if body.get("id") is None and not body.xpath(".//*[@id='body']"):
        body.set("id", "body")
    first = next(body.iterchildren("*"), None)
    if first is not None and first.tag == "div" and _HIDDEN.search(first.get("style", "")):
        first.set("style", _PREHEADER_STYLE)


def _omit_tbody(tbody: _Element) -> None:
    """Take out a `<tbody>` that every parser of HTML puts back where it was (HTML Living Standard, 13.1.2.4)."""
    table = tbody.getparent()
    if table.tag != "table" or len(table) != 1 or tbody.attrib or not len(tbody) or tbody[0].tag != "tr":
        return
    if any((text or "").strip() for text in (table.text, tbody.text, tbody.tail)):
        return
    table.text = None
    table.extend(list(tbody))
    table.remove(tbody)
