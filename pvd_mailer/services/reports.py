"""The report of an issue, and the page that shows it with the publication's face."""

from pvd_mailer import clock
from pvd_mailer.compose import load_publication
from pvd_mailer.issue.publication import Palette
from pvd_mailer.render import palette
from pvd_mailer.report.build import ReportView, build_report
from pvd_mailer.report.html_page import ReportTheme, render_report_page
from pvd_mailer.report.model import IssueReport
from pvd_mailer.services.context import AppContext

__all__ = ["report_page", "view_report"]

_LIGHT = Palette(accent="#1f5a7a", paper="#f2f4f5", sheet="#ffffff", ink="#1c2326", muted="#56626a")
_DARK = Palette(accent="#8fc3df", paper="#13181b", sheet="#1c2326", ink="#e8edf0", muted="#a3b0b8")


def view_report(context: AppContext, number: int) -> ReportView:
    """What became of the issue with that number, as of now."""
    with context.database.read() as connection:
        return build_report(connection, number, clock.now())


def report_page(context: AppContext, report: IssueReport) -> str:
    """The report as one HTML document that needs nothing beside it.

    Where the publication's file is gone or at fault, its numbers still are what they are: the page is drawn neutrally.
    """
    publication = None
    if report.publication in context.workspace.publications():
        publication, _findings = load_publication(report.publication, context.workspace)
    light, dark = (publication.theme.light, publication.theme.dark) if publication else (_LIGHT, _DARK)
    theme = ReportTheme(
        publication.name if publication else report.publication,
        publication.theme.heading_font if publication else "Georgia, serif",
        publication.theme.body_font if publication else "Helvetica, Arial, sans-serif",
        palette.compute_colours(light),
        palette.compute_colours(dark, light.accent),
    )
    return render_report_page(report, theme)
