"""The text part, from the model and by its own templates."""

import re
from dataclasses import replace

from pvd_mailer.render import template_context, template_engine
from pvd_mailer.render.draft import Draft

__all__ = ["run"]


def run(draft: Draft) -> Draft:
    """Fill in `text`; lines carry no trailing blanks and never more than two empty ones in a row."""
    context = template_context.build_context(draft, draft.placeholders.text)
    text = template_engine.render_template("letter.txt", draft.templates, draft.lang, context)
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip("\n") + "\n"
    return replace(draft, text=text)
