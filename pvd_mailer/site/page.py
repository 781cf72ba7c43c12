"""A page of the site: a template, in the reader's language, with the face of a publication."""

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pvd_mailer import clock
from pvd_mailer.i18n import LANGUAGES, _, language, speak
from pvd_mailer.issue import Publication
from pvd_mailer.site.context import Site
from pvd_mailer.site.style import stylesheet
from pvd_mailer.web.guard import NOTHING
from pvd_mailer.web.pages import Environment, page_environment

__all__ = ["POLICY", "respond", "speak_to", "today"]

POLICY: Final = f"{NOTHING}; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"
"""Content-Security-Policy of a page: no script at all, nothing inline, nothing from elsewhere."""

_SWITCHES: ContextVar[bool] = ContextVar("switches", default=True)
"""Whether the page at hand can be had in another language by asking for its address once more."""


@lru_cache
def _environment() -> Environment:
    return page_environment(Path(__file__).parent / "pages")


def speak_to(request: Request, site: Site, publication: str | None = None) -> str:
    """Speak the language that the address asks for (`?lang=en`), else the publication's; the language.

    What answers a form has no links to other languages: its address would ask again, or be none.
    """
    _SWITCHES.set(request.method in {"GET", "HEAD"})
    asked = request.query_params.get("lang", "")
    chosen = asked if asked in LANGUAGES else site.publications[site.face(publication)].lang
    speak(chosen)
    return chosen


def today(publication: Publication) -> date:
    """The day that it is where the publication is."""
    return clock.now().astimezone(ZoneInfo(publication.zone)).date()


def respond(
    site: Site,
    template: str,
    *,
    publication: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page that `template` (a file of `pages/`) makes of `values`, with the face of `publication`.

    Templates see beside `values`: `publication`, `name` (its folder), `lang`, `site`, `css` (the address of the
    stylesheet), `switches` (whether there are links to other languages), `compliance` (what the foot says of
    accessibility), and `link(path)`, which leads to another page of the site in the language that is spoken.
    """
    name = site.face(publication)
    face = site.publications[name]
    spoken = language()
    _text, digest = stylesheet(face.theme)

    def link(path: str) -> str:
        return f"{site.prefix}{path}" + ("" if spoken == face.lang else f"?lang={spoken}")

    document = (
        _environment()
        .get_template(template)
        .render(
            publication=face,
            name=name,
            lang=spoken,
            site=site,
            css=f"{site.prefix}/{name}/site.css?v={digest}",
            link=link,
            compliance=_(face.compliance(today(face)).label),
            switches=_SWITCHES.get(),
            **values,
        )
    )
    return HTMLResponse(
        document,
        status_code=status,
        headers={"content-security-policy": POLICY, "content-language": spoken, **(headers or {})},
    )
