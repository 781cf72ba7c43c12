"""The report of an issue, and the page that shows it with the publication's face."""

from pvd_mailer import clock
from pvd_mailer.compose import load_publication
from pvd_mailer.issue.publication import Palette
from pvd_mailer.observe.making import Look, look_at
from pvd_mailer.observe.page import Face, as_page
from pvd_mailer.observe.report import Report
from pvd_mailer.render import palette
from pvd_mailer.workflow.office import Office

__all__ = ["look", "page"]

_LIGHT = Palette(accent="#1f5a7a", paper="#f2f4f5", sheet="#ffffff", ink="#1c2326", muted="#56626a")
_DARK = Palette(accent="#8fc3df", paper="#13181b", sheet="#1c2326", ink="#e8edf0", muted="#a3b0b8")


def look(office: Office, number: int) -> Look:
    """What became of the issue with that number, as of now."""
    return look_at(office.database, number, clock.now())


def page(office: Office, report: Report) -> str:
    """The report as one HTML document that needs nothing beside it.

    Where the publication's file is gone or at fault, its numbers still are what they are: the page is drawn neutrally.
    """
    publication = None
    if report.publication in office.workspace.publications():
        publication, _findings = load_publication(report.publication, office.workspace)
    light, dark = (publication.theme.light, publication.theme.dark) if publication else (_LIGHT, _DARK)
    face = Face(
        publication.name if publication else report.publication,
        publication.theme.heading_font if publication else "Georgia, serif",
        publication.theme.body_font if publication else "Helvetica, Arial, sans-serif",
        palette.compute(light),
        palette.compute(dark, light.accent),
    )
    return as_page(report, face)
