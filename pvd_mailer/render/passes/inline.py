"""premailer: the rules of `inline.css` -> style attributes, since some webmails drop every `<style>`."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import tinycss2
from cssutils import CSSParser

from pvd_mailer.errors import BlockedError
from pvd_mailer.i18n import _
from pvd_mailer.render import template_engine
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.premailer_offline import Premailer

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


@lru_cache(maxsize=16)
def _parse_rules(css: str) -> Any:
    """A theme's rules as premailer wants them; cssutils takes longer over them than all the rest of the pass."""
    return _OfflinePremailer("<p>", strip_important=True, disable_validation=True)._parse_style_rules(css, 0)  # noqa: SLF001 - no public door


class _Inliner(Premailer):  # type: ignore[misc] # premailer ships no types
    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        del ruleset_index  # `inline.css` is the only sheet, so it is always the first
        return _parse_rules(css_body)

    def _style_to_basic_html_attributes(self, *_arguments: Any, **_options: Any) -> None:
        """Add no width, height or align attributes: MJML has written those that Outlook needs."""


_IGNORE_ATTRIBUTE = ' data-premailer="ignore"'


def run(draft: Draft) -> Draft:
    """Rewrite `html`; conditional comments and `<style>` elements come out byte for byte.

    premailer drops a lower-case doctype and, left to its defaults, rewrites widths that Outlook needs; it would
    also fetch `@import`, so it is given our own rules only and no permission to load anything.
    """
    return replace(draft, html=inline_styles(draft.html, draft.css))


def inline_styles(html: str, css: str) -> str:
    """`html` with the rules of `css` in its style attributes."""
    html = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).replace("<style", f"<style{_IGNORE_ATTRIBUTE}")
    inlined: str = _Inliner(
        html,
        css_text=css,
        keep_style_tags=False,
        strip_important=True,
        allow_network=False,
        allow_loading_external_files=False,
        disable_validation=True,
        align_floating_images=False,
        remove_unset_properties=False,
        disable_link_rewrites=True,
        cssutils_logging_level=60,
    ).transform(pretty_print=False)
    return inlined.replace(f"<style{_IGNORE_ATTRIBUTE}", "<style")
