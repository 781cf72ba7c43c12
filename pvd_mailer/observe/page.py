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

from pvd_mailer.database.states import State
from pvd_mailer.i18n import _, language
from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe import plots, wording
from pvd_mailer.observe.figures import duration, number, percent
from pvd_mailer.observe.report import LEAST, Report
from pvd_mailer.web.pages import Environment, page_environment

__all__ = ["Face", "Tones", "as_page"]


class Tones(Protocol):
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
class Face:
    """How the publication looks."""

    name: str
    heading_font: str
    body_font: str
    light: Tones
    dark: Tones


@lru_cache
def _environment() -> Environment:
    environment = page_environment(Path(__file__).parent / "pages")
    environment.filters.update(n=number, source_name=wording.source)
    environment.globals.update(
        percent=percent,
        fate=wording.fate,
        state=wording.state,
        status=wording.status,
        Fate=Fate,
        State=State,
        plots=plots,
    )
    return environment


def as_page(report: Report, face: Face) -> str:
    """The whole document, in the interface's language."""
    zone = ZoneInfo(report.zone)

    def moment(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

    # One font may be named with apostrophes; nothing else can be in it (`issue/publication.py`).
    style = _environment().get_template("report.css").render(face=face, raw=Markup)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            outcome=report.outcome,
            face=face,
            lang=language(),
            style=Markup(style),  # noqa: S704 - made above, of validated tokens
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
            moment=moment,
            age=duration(report.made_at - report.started_at) if report.started_at else "",
            peers_age=duration(report.peers_age) if report.peers_age is not None else "",
            names=[
                _("issue {number}").format(number=one)
                for one in (report.number, *(peer.number for peer in report.peers))
            ],
            compared=[
                (report.number, report.started_at, report.outcome),
                *((peer.number, peer.started_at, peer.outcome) for peer in report.peers),
            ],
            complaints=wording.complaints(report.outcome),
            limits=wording.limits(report.outcome),
            least=LEAST,
        )
    )
