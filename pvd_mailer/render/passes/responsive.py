"""MJML -> responsive HTML with Outlook's conditional comments."""

import re
from dataclasses import replace

from mjml import mjml2html

from pvd_mailer.errors import Blocked
from pvd_mailer.i18n import _
from pvd_mailer.render import engine, view
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.markup import TEMPLATE

__all__ = ["run"]

_UNSAFE_TAG = re.compile(r"<[a-z][^<>]*(?:[^\n\t\r -~]|\\)[^<>]*>")
# mrml lets elements that it does not know pass in silence.
_LEFT = re.compile(r"<mj-[a-z-]+")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_NAME = re.compile(r' aria-label="(?:[^"\\]|\\.)*" aria-roledescription')
_UNPRINTABLE = re.compile(r"[^\n\t\r -~]|\\")


def _plain(tag: re.Match[str]) -> str:
    r"""The tag in ASCII: mrml writes a no-break space of an attribute as Rust does, `\u{a0}`."""
    return _UNPRINTABLE.sub(lambda match: f"&#{ord(match[0])};", tag[0])


def run(draft: Draft) -> Draft:
    """Fill in `html`.

    Raises:
        Blocked: a template renders to something that is not MJML.
    """
    try:
        # No font from another host, and no include: templates are put together by Jinja alone.
        html = mjml2html(_UNSAFE_TAG.sub(_plain, draft.mjml), fonts={}, disable_comments=False)
    except ValueError as error:
        values = view.values(draft, draft.placeholders.html)
        found = engine.blame_markup(TEMPLATE, draft.templates, draft.lang, values, str(error))
        raise Blocked([found]) from error
    left = _LEFT.search(html)
    if left:
        problem = _("there is no MJML element {name}").format(name=left[0])
        values = view.values(draft, draft.placeholders.html)
        raise Blocked([engine.blame_markup(TEMPLATE, draft.templates, draft.lang, values, problem, near=left[0])])
    # mrml repeats the title in the letter's accessible name, and writes a no-break space there as `\\u{a0}`.
    title = _TITLE.search(html)
    name = title[1].replace('"', "&quot;") if title else ""
    return replace(draft, html=_NAME.sub(lambda _match: f' aria-label="{name}" aria-roledescription', html, count=1))
