"""MJML -> responsive HTML with Outlook's conditional comments."""

import re
from dataclasses import replace

from mjml import mjml2html

from pvd_mailer.errors import BlockedError
from pvd_mailer.i18n import _
from pvd_mailer.render import template_context, template_engine
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.markup import LETTER_TEMPLATE

__all__ = ["InvalidMjmlError", "mjml_to_html", "run"]

_UNSAFE_TAG = re.compile(r"<[a-z][^<>]*(?:[^\n\t\r -~]|\\)[^<>]*>")
# mrml lets elements that it does not know pass in silence.
_UNKNOWN_ELEMENT = re.compile(r"<mj-[a-z-]+")
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<(?P<end>/?)(?P<name>[^\s<>/!?][^\s<>/]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+(?P<own>(?<=/))?>",
    re.DOTALL,
)
_VOID_ELEMENTS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_MAX_DEPTH = 200
"""Elements in elements; our letters have 20. mrml calls itself for each, and at some thousand the process is gone."""
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_ARIA_LABEL = re.compile(r' aria-label="(?:[^"\\]|\\.)*" aria-roledescription')
_UNPRINTABLE = re.compile(r"[^\n\t\r -~]|\\")


def _to_ascii(tag: re.Match[str]) -> str:
    r"""The tag in ASCII: mrml writes a no-break space of an attribute as Rust does, `\u{a0}`."""
    return _UNPRINTABLE.sub(lambda match: f"&#{ord(match[0])};", tag[0])


def _is_too_deep(mjml: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(mjml):
        if tag["name"] is None or tag["own"] is not None or tag["name"].lower() in _VOID_ELEMENTS:
            continue
        depth += -1 if tag["end"] else 1
        if depth > _MAX_DEPTH:
            return True
    return False


class InvalidMjmlError(Exception):
    """It is not MJML.

    Attributes:
        near: A text of it where the fault is, if that is known.
    """

    def __init__(self, problem: str, near: str | None = None) -> None:
        super().__init__(problem)
        self.near = near


def mjml_to_html(mjml: str) -> str:
    """The HTML that `mjml` describes.

    Raises:
        UnmadeError: it is not MJML.
    """
    if _is_too_deep(mjml):
        raise InvalidMjmlError(_("it is nested too deeply"))
    try:
        # No font from another host, and no include: templates are put together by Jinja alone.
        html = mjml2html(_UNSAFE_TAG.sub(_to_ascii, mjml), fonts={}, disable_comments=False)
    except ValueError as exc:
        raise InvalidMjmlError(str(exc)) from exc
    unknown_element = _UNKNOWN_ELEMENT.search(html)
    if unknown_element:
        raise InvalidMjmlError(_("there is no MJML element {name}").format(name=unknown_element[0]), unknown_element[0])
    # mrml repeats the title in the letter's accessible name, and writes a no-break space there as `\\u{a0}`.
    title = _TITLE.search(html)
    name = title[1].replace('"', "&quot;") if title else ""
    return _ARIA_LABEL.sub(lambda _match: f' aria-label="{name}" aria-roledescription', html, count=1)


def run(draft: Draft) -> Draft:
    """Fill in `html`.

    Raises:
        Blocked: a template renders to something that is not MJML.
    """
    try:
        return replace(draft, html=mjml_to_html(draft.mjml))
    except InvalidMjmlError as exc:
        context = template_context.build_context(draft, draft.placeholders.html)
        finding = template_engine.markup_finding(
            LETTER_TEMPLATE, draft.templates, draft.lang, context, str(exc), near=exc.near
        )
        raise BlockedError([finding]) from exc
