"""Rendering: an issue -> its letter, through passes in a fixed order. The same input gives the same bytes.

It hands on a `Letter`, or a finding that names the template at fault and its line. It is the only package that knows
MJML and premailer; it must never know who reads the letter, what time it is, or the network.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from pvd_mailer.garbage import collection_paused
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.picture import Picture
from pvd_mailer.letter import Letter, Placeholders
from pvd_mailer.render.draft import Draft, Hosting
from pvd_mailer.render.passes import calendars, compact, finish, inline, markup, pictures, plain, responsive

__all__ = ["PASSES", "Hosting", "render_letter"]

PASSES: tuple[Callable[[Draft], Draft], ...] = (
    pictures.run,  # file names -> addresses, which the templates write
    calendars.run,  # dates -> files for a reader's calendar, which the templates link to
    markup.run,  # Jinja2 -> MJML
    responsive.run,  # MJML -> HTML
    inline.run,  # rules -> style attributes
    compact.run,  # what changes nothing -> away
    finish.run,  # language of body's children, weight
    plain.run,  # the text part
)


@collection_paused()
def render_letter(
    issue: Issue,
    publication: Publication,
    images: Mapping[str, Picture],
    templates: Path,
    hosting: Hosting = Hosting(),  # noqa: B008 - immutable
) -> Letter:
    """The letter of `issue`.

    Args:
        issue: What is said this month.
        publication: The settings, the issue's overrides included.
        images: The pictures by file name.
        templates: The publication's folder, whose templates go before the built-in ones.
        hosting: Where pictures, web version and calendars will be.

    Raises:
        Blocked: a template is at fault.
    """
    content = issue.model_dump_json() + publication.model_dump_json()
    draft = Draft(issue, publication, dict(images), templates, hosting, Placeholders.from_content(content.encode()))
    for run in PASSES:
        draft = run(draft)
    return Letter(
        subject=issue.subject,
        preheader=issue.preheader,
        html=draft.html,
        text=draft.text,
        attachments=draft.attachments,
        embedded=hosting.pages_url is None,
        placeholders=draft.placeholders,
        lang=draft.lang,
        calendars=draft.calendars,
    )
