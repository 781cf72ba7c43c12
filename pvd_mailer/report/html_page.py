"""The report as one HTML page: it loads nothing, runs nothing and tells nobody that it is read."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup

from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import _, language
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report import charts, labels
from pvd_mailer.report.model import MIN_DOMAIN_RECIPIENTS, IssueReport
from pvd_mailer.report.numbers import format_duration, format_number, format_percent
from pvd_mailer.web.templates import Environment, page_environment

__all__ = ["ReportColours", "ReportTheme", "render_report_page"]


class ReportColours(Protocol):
    """The colours of one mode."""

    @property
    def paper(self) -> str: ...  # noqa: D102 - as in render/palette.py
    @property
    def sheet(self) -> str: ...  # noqa: D102
    @property
    def ink(self) -> str: ...  # noqa: D102
    @property
    def muted(self) -> str: ...  # noqa: D102
    @property
    def accent(self) -> str: ...  # noqa: D102
    @property
    def line(self) -> str: ...  # noqa: D102
    @property
    def tint(self) -> str: ...  # noqa: D102
    @property
    def band(self) -> str: ...  # noqa: D102
    @property
    def on_band(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ReportTheme:
    """How the publication looks."""

    name: str
    heading_font: str
    body_font: str
    light: ReportColours
    dark: ReportColours


@lru_cache
def _environment() -> Environment:
    environment = page_environment(Path(__file__).parent / "pages")
    environment.filters.update(n=format_number, source_name=labels.event_source_label)
    environment.globals.update(
        percent=format_percent,
        fate=labels.delivery_status_label,
        state=labels.recipient_state_title,
        status=labels.enhanced_status_label,
        Fate=DeliveryStatus,
        State=RecipientState,
        plots=charts,
    )
    return environment


def render_report_page(report: IssueReport, theme: ReportTheme) -> str:
    """The whole document, in the interface's language."""
    zone = ZoneInfo(report.zone)

    def moment(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    # One font may be named with apostrophes; nothing else can be in it (`issue/publication.py`).
    style = _environment().get_template("report.css").render(face=theme, raw=Markup)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            outcome=report.outcome,
            face=theme,
            lang=language(),
            style=Markup(style),  # noqa: S704 - made above, of validated tokens
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            moment=moment,
            age=format_duration(report.made_at - report.started_at) if report.started_at else "",
            peers_age=format_duration(report.peers_age) if report.peers_age is not None else "",
            names=[
                _("issue {number}").format(number=issue_number)
                for issue_number in (report.number, *(previous.number for previous in report.peers))
            ],
            compared=[
                (report.number, report.started_at, report.outcome),
                *((previous.number, previous.started_at, previous.outcome) for previous in report.peers),
            ],
            complaints=labels.complaint_sentence(report.outcome),
            limits=labels.caveats(report.outcome),
            least=MIN_DOMAIN_RECIPIENTS,
        )
    )
