"""Jinja2: the issue -> MJML, and the rules to inline."""

from dataclasses import replace

from pvd_mailer.render import template_context, template_engine
from pvd_mailer.render.draft import Draft
from pvd_mailer.render.passes.inline import render_inline_css

__all__ = ["LETTER_TEMPLATE", "run"]

LETTER_TEMPLATE = "letter.mjml"


def run(draft: Draft) -> Draft:
    """Fill in `mjml` and `css`."""
    context = template_context.build_context(draft, draft.placeholders.html)
    return replace(
        draft,
        mjml=template_engine.render_template(LETTER_TEMPLATE, draft.templates, draft.lang, context),
        css=render_inline_css(draft.templates, draft.lang, context),
    )
