"""A short mail with one button, in a publication's look: what the readers' site writes to one person."""

import re
from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.errors import BlockedError
from pvd_mailer.issue import Publication
from pvd_mailer.letter import Letter, Placeholders
from pvd_mailer.render import palette, template_engine
from pvd_mailer.render.page import parse_page, write_page
from pvd_mailer.render.passes.compact import compact_page
from pvd_mailer.render.passes.finish import finish_html
from pvd_mailer.render.passes.inline import inline_styles, render_inline_css
from pvd_mailer.render.passes.responsive import InvalidMjmlError, mjml_to_html
from pvd_mailer.render.template_context import LETTER_WIDTH

__all__ = ["MailButton", "TransactionalMail", "render_transactional"]

_MARKUP_TEMPLATE, _TEXT_TEMPLATE = "mails/note.mjml", "mails/note.txt"


@dataclass(frozen=True, slots=True)
class MailButton:
    """A button."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class TransactionalMail:
    """What the mail says, in the reader's language; nothing in it comes from whoever asked for it."""

    title: str
    """The subject as well."""
    preheader: str
    before: tuple[str, ...]
    button: MailButton
    after: tuple[str, ...]
    why: str
    """Why it was sent."""


def render_transactional(mail: TransactionalMail, publication: Publication, templates: Path, lang: str) -> Letter:
    """The mail that says `mail`; `templates` is the publication's folder, whose templates go before the built-in ones.

    Raises:
        Blocked: a template is at fault.
    """
    theme = publication.theme
    values = {
        "note": mail,
        "publication": publication,
        "lang": lang,
        "theme": theme,
        "scale": theme.scale,
        "space": theme.space,
        "light": palette.compute_colours(theme.light),
        "dark": palette.compute_colours(theme.dark, theme.light.accent),
        "width": LETTER_WIDTH,
    }
    try:
        html = mjml_to_html(template_engine.render_template(_MARKUP_TEMPLATE, templates, lang, values))
    except InvalidMjmlError as exc:
        raise BlockedError(
            [template_engine.markup_finding(_MARKUP_TEMPLATE, templates, lang, values, str(exc), near=exc.near)]
        ) from exc
    page = parse_page(html)
    inline_styles(page, render_inline_css(templates, lang, values))
    compact_page(page)
    text = template_engine.render_template(_TEXT_TEMPLATE, templates, lang, values)
    return Letter(
        subject=mail.title,
        preheader=mail.preheader,
        html=finish_html(write_page(page, html), lang),
        # The no-joiner is for SendGrid, which takes a part that fits Latin-1 for Latin-1.
        text=re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n\u200c\n",
        attachments=(),
        embedded=False,
        placeholders=Placeholders.from_content(mail.title.encode()),
        lang=lang,
    )
