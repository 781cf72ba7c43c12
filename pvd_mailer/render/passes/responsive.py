"""MJML -> responsive HTML with Outlook's conditional comments."""

import re
from dataclasses import replace

from mjml import mjml2html

from pvd_mailer.errors import Blocked
from pvd_mailer.render import engine, view
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.markup import TEMPLATE

__all__ = ["run"]

_UNSAFE_TAG = re.compile(r"<[a-z][^<>]*(?:[^\n\t\r -~]|\\)[^<>]*>")
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
    return replace(draft, html=html)
