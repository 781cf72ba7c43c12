"""premailer: the rules of `inline.css` -> style attributes, since some webmails drop every `<style>`."""

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import tinycss2
from cssselect import SelectorError, parse
from cssutils import CSSParser
from lxml import etree
from lxml.etree import XPathError, _Element

from pvd_mailer.css_selectors import CompiledSelector, compile_selector, match_selectors
from pvd_mailer.errors import BlockedError
from pvd_mailer.i18n import _
from pvd_mailer.render import template_engine
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.page import parse_page
from pvd_mailer.render.premailer_offline import Premailer, csstext_to_pairs, get_or_create_head

__all__ = ["inline_styles", "render_inline_css", "run"]

_STYLESHEET: Final = "inline.css"


def render_inline_css(templates: Path, lang: str, values: dict[str, Any]) -> str:
    """The rules to be inlined, filled with `values`; `templates` is the publication's folder.

    Raises:
        Blocked: the sheet has a fault, or imports another one: that would be fetched, from wherever it is.
    """
    css = template_engine.render_template(_STYLESHEET, templates, lang, values)
    if "@import" not in css.casefold():  # written with escapes nobody is told of it, and nothing is fetched either
        return css
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and rule.lower_at_keyword == "import":
            problem = _("it imports another sheet by @import, which is not fetched: write its rules here")
            raise BlockedError(
                [
                    template_engine.markup_finding(
                        _STYLESHEET, templates, lang, values, problem, near=f"@{rule.at_keyword}"
                    )
                ]
            )
    return css


class _OfflinePremailer(Premailer):  # type: ignore[misc] # premailer ships no types
    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:  # noqa: FBT001, FBT002 - as premailer has it
        """Read rules and fetch nothing: cssutils would load what `@import` names, a file of this machine as well."""
        del validate
        return CSSParser(fetcher=lambda _url: None, validate=False).parseString(css_body)


Declarations = tuple[tuple[str, str], ...]


@lru_cache(maxsize=16)
def _parse_sheet(css: str) -> tuple[list[CompiledSelector], list[Declarations], str]:
    """A theme's rules as premailer weighs them, the strongest last; and a sheet of those that no attribute can hold.

    cssutils takes longer over them than all the rest of the pass.
    """
    premailer = _OfflinePremailer("<p>", strip_important=True, disable_validation=True, cssutils_logging_level=60)
    rules, leftovers = premailer._parse_style_rules(css, 0)  # noqa: SLF001 - no public door
    sheet = premailer._css_rules_to_string(leftovers) if leftovers else ""  # noqa: SLF001 - no public door
    rules.sort(key=itemgetter(0))
    selectors, declarations = [], []
    for _weight, selector, text in rules:
        with suppress(SelectorError, XPathError):  # a browser drops a rule whose selector is none as well
            selectors.append(compile_selector(parse(selector)[0]))
            declarations.append(_declarations(text))
    return selectors, declarations, sheet


@lru_cache(maxsize=1024)  # MJML writes the same few hundred in every letter
def _declarations(text: str) -> Declarations:
    """What a style attribute or a rule says; nothing is left out that cssutils would call invalid."""
    return tuple(csstext_to_pairs(text, validate=False))


def run(draft: Draft) -> Draft:
    """Fill in `page`; conditional comments and `<style>` elements are those of `html`, byte for byte."""
    page = parse_page(draft.html)
    inline_styles(page, draft.css)
    return replace(draft, page=page)


def inline_styles(page: _Element, css: str) -> None:
    """Write the rules of `css` into the style attributes of `page`, as premailer does.

    premailer reads and weighs the rules and the declarations. Its own way through the page is not taken: it tries
    every rule on every element, has each style attribute of MJML's validated, and, left to its defaults, rewrites
    widths that Outlook needs.
    """
    selectors, declarations, sheet = _parse_sheet(css)
    for element, numbers in match_selectors(page, selectors).items():
        style = {name: value for number in numbers for name, value in declarations[number]}
        style.update(_declarations(element.get("style", "")))  # what stands there already is the strongest
        element.set("style", "; ".join(f"{name}:{value}" for name, value in style.items()))
    if sheet:
        leftover = etree.SubElement(get_or_create_head(page.getroottree()), "style", type="text/css")
        leftover.text = sheet
