"""Jinja2: the issue -> MJML, and the rules to inline."""

from dataclasses import replace

from pvd_mailer.render import engine, view
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.inline import read_rules

__all__ = ["TEMPLATE", "run"]

TEMPLATE = "letter.mjml"


def run(draft: Draft) -> Draft:
    """Fill in `mjml` and `css`."""
    values = view.values(draft, draft.placeholders.html)
    return replace(
        draft,
        mjml=engine.fill(TEMPLATE, draft.templates, draft.lang, values),
        css=read_rules(draft.templates, draft.lang, values),
    )
