"""A page of the site: a template, in the reader's language, with the face of a publication."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pvd_mailer.i18n import LANGUAGES, _, language, ngettext, speak
from pvd_mailer.site.context import Site

__all__ = ["respond", "speak_to"]


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    # The reader's language, which is known only when somebody asks.
    environment.install_gettext_callables(_, ngettext)  # type: ignore[attr-defined] # added by the extension
    return environment


def speak_to(request: Request, site: Site, publication: str | None = None) -> str:
    """Speak the language that the address asks for (`?lang=en`), else the publication's; the language."""
    asked = request.query_params.get("lang", "")
    chosen = asked if asked in LANGUAGES else site.publications[publication or site.house].lang
    speak(chosen)
    return chosen


def respond(site: Site, template: str, *, publication: str | None = None, status: int = 200, **values: Any) -> Response:
    """The page that `template` (a file of `pages/`) makes of `values`, with the face of `publication`.

    Templates see `publication`, `name` (its folder), `lang` and `site` beside `values`.
    """
    name = publication or site.house
    document = (
        _environment()
        .get_template(template)
        .render(publication=site.publications[name], name=name, lang=language(), site=site, **values)
    )
    return HTMLResponse(document, status_code=status)
