"""A short mail with one button, in a publication's look: what the readers' site writes to one person."""

import re
from dataclasses import dataclass
from pathlib import Path

from pvd_mailer.errors import Blocked
from pvd_mailer.issue import Publication
from pvd_mailer.letter import Letter, Placeholders
from pvd_mailer.render import engine, palette
from pvd_mailer.render.passes.finish import finish
from pvd_mailer.render.passes.inline import inline, read_rules
from pvd_mailer.render.passes.responsive import UnmadeError, compose
from pvd_mailer.render.view import LETTER_WIDTH

__all__ = ["Go", "Note", "render_note"]

_MARKUP, _TEXT = "mails/note.mjml", "mails/note.txt"


@dataclass(frozen=True, slots=True)
class Go:
    """A button."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """What the mail says, in the reader's language; nothing in it comes from whoever asked for it."""

    title: str
    """The subject as well."""
    preheader: str
    before: tuple[str, ...]
    button: Go
    after: tuple[str, ...]
    why: str
    """Why it was sent."""


def render_note(note: Note, publication: Publication, templates: Path, lang: str) -> Letter:
    """The mail that says `note`; `templates` is the publication's folder, whose templates go before the built-in ones.

    Raises:
        Blocked: a template is at fault.
    """
    theme = publication.theme
    values = {
        "note": note,
        "publication": publication,
        "lang": lang,
        "theme": theme,
        "scale": theme.scale,
        "space": theme.space,
        "light": palette.compute(theme.light),
        "dark": palette.compute(theme.dark, theme.light.accent),
        "width": LETTER_WIDTH,
    }
    try:
        html = compose(engine.fill(_MARKUP, templates, lang, values))
    except UnmadeError as error:
        raise Blocked([engine.blame_markup(_MARKUP, templates, lang, values, str(error), near=error.near)]) from error
    text = engine.fill(_TEXT, templates, lang, values)
    return Letter(
        subject=note.title,
        preheader=note.preheader,
        html=finish(inline(html, read_rules(templates, lang, values)), lang),
        # The no-joiner is for SendGrid, which takes a part that fits Latin-1 for Latin-1.
        text=re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n\u200c\n",
        attachments=(),
        embedded=False,
        placeholders=Placeholders.of(note.title.encode()),
        lang=lang,
    )
