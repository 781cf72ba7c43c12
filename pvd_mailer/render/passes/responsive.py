"""MJML -> responsive HTML with Outlook's conditional comments."""

import re
from dataclasses import replace

from mjml import mjml2html

from pvd_mailer.errors import Blocked
from pvd_mailer.i18n import _
from pvd_mailer.render import engine, view
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.markup import TEMPLATE

__all__ = ["UnmadeError", "compose", "run"]

_UNSAFE_TAG = re.compile(r"<[a-z][^<>]*(?:[^\n\t\r -~]|\\)[^<>]*>")
# mrml lets elements that it does not know pass in silence.
_LEFT = re.compile(r"<mj-[a-z-]+")
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<(?P<end>/?)(?P<name>[^\s<>/!?][^\s<>/]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+(?P<own>(?<=/))?>",
    re.DOTALL,
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_DEEPEST = 200
"""Elements in elements; our letters have 20. mrml calls itself for each, and at some thousand the process is gone."""
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_NAME = re.compile(r' aria-label="(?:[^"\\]|\\.)*" aria-roledescription')
_UNPRINTABLE = re.compile(r"[^\n\t\r -~]|\\")


def _plain(tag: re.Match[str]) -> str:
    r"""The tag in ASCII: mrml writes a no-break space of an attribute as Rust does, `\u{a0}`."""
    return _UNPRINTABLE.sub(lambda match: f"&#{ord(match[0])};", tag[0])


def _is_too_deep(mjml: str) -> bool:
    depth = 0
    for tag in _TAG.finditer(mjml):
        if tag["name"] is None or tag["own"] is not None or tag["name"].lower() in _VOID:
            continue
        depth += -1 if tag["end"] else 1
        if depth > _DEEPEST:
            return True
    return False


class UnmadeError(Exception):
    """It is not MJML.

    Attributes:
        near: A text of it where the fault is, if that is known.
    """

    def __init__(self, problem: str, near: str | None = None) -> None:
        super().__init__(problem)
        self.near = near


def compose(mjml: str) -> str:
    """The HTML that `mjml` describes.

    Raises:
        UnmadeError: it is not MJML.
    """
    if _is_too_deep(mjml):
        raise UnmadeError(_("it is nested too deeply"))
    try:
        # No font from another host, and no include: templates are put together by Jinja alone.
        html = mjml2html(_UNSAFE_TAG.sub(_plain, mjml), fonts={}, disable_comments=False)
    except ValueError as error:
        raise UnmadeError(str(error)) from error
    left = _LEFT.search(html)
    if left:
        raise UnmadeError(_("there is no MJML element {name}").format(name=left[0]), left[0])
    # mrml repeats the title in the letter's accessible name, and writes a no-break space there as `\\u{a0}`.
    title = _TITLE.search(html)
    name = title[1].replace('"', "&quot;") if title else ""
    return _NAME.sub(lambda _match: f' aria-label="{name}" aria-roledescription', html, count=1)


def run(draft: Draft) -> Draft:
    """Fill in `html`.

    Raises:
        Blocked: a template renders to something that is not MJML.
    """
    try:
        return replace(draft, html=compose(draft.mjml))
    except UnmadeError as error:
        values = view.values(draft, draft.placeholders.html)
        said = engine.blame_markup(TEMPLATE, draft.templates, draft.lang, values, str(error), near=error.near)
        raise Blocked([said]) from error
