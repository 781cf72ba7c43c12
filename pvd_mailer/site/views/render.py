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
from pvd_mailer.i18n import LANGUAGES, _, language, set_language
from pvd_mailer.issue import Publication
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.theme import stylesheet
from pvd_mailer.web.middleware import CSP_BASE
from pvd_mailer.web.templates import Environment, page_environment

__all__ = ["PAGE_CSP", "local_date", "render_page", "use_language_of"]

PAGE_CSP: Final = f"{CSP_BASE}; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"
"""Content-Security-Policy of a page: no script at all, nothing inline, nothing from elsewhere."""

_OFFERS_LANGUAGES: ContextVar[bool] = ContextVar("switches", default=True)
"""Whether the page at hand can be had in another language by asking for its address once more."""


@lru_cache
def _environment() -> Environment:
    return page_environment(Path(__file__).parent / "templates")


def use_language_of(request: Request, site: Site, publication: str | None = None) -> str:
    """Speak the language that the address asks for (`?lang=en`), else the publication's; the language.

    What answers a form has no links to other languages: its address would ask again, or be none.
    """
    _OFFERS_LANGUAGES.set(request.method in {"GET", "HEAD"})
    requested = request.query_params.get("lang", "")
    chosen = requested if requested in LANGUAGES else site.publications[site.publication_or_default(publication)].lang
    set_language(chosen)
    return chosen


def local_date(publication: Publication) -> date:
    """The day that it is where the publication is."""
    return clock.now().astimezone(ZoneInfo(publication.zone)).date()


def render_page(
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
    name = site.publication_or_default(publication)
    config = site.publications[name]
    lang = language()
    _text, digest = stylesheet(config.theme)

    def link(path: str) -> str:
        return f"{site.prefix}{path}" + ("" if lang == config.lang else f"?lang={lang}")

    document = (
        _environment()
        .get_template(template)
        .render(
            publication=config,
            name=name,
            lang=lang,
            site=site,
            css=f"{site.prefix}/{name}/site.css?v={digest}",
            link=link,
            compliance=_(config.compliance(local_date(config)).label),
            switches=_OFFERS_LANGUAGES.get(),
            **values,
        )
    )
    return HTMLResponse(
        document,
        status_code=status,
        headers={"content-security-policy": PAGE_CSP, "content-language": lang, **(headers or {})},
    )
