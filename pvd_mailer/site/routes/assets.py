"""What every page wears: the stylesheet of its publication, and the little that browsers and robots ask for."""

from datetime import UTC, timedelta
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer import clock
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.theme import stylesheet

__all__ = ["routes"]

_CACHE_FOREVER = "public, max-age=31536000, immutable"
_CACHE_HOUR = "public, max-age=3600"
_CACHE_DAY = "public, max-age=86400"
_HALF_A_YEAR = timedelta(days=180)


def _security_txt(site: Site) -> str:
    """Whom to tell of a weakness (RFC 9116): the contact of each publication, that of the house first.

    It is good for half a year from each day on which it is asked for: as long as the site runs, it does not lapse.
    """
    publications = sorted(site.publications.items(), key=lambda item: item[0] != site.default_publication)
    contacts = (
        publication.security or f"mailto:{quote(publication.colophon.contact, safe='@+')}"
        for _name, publication in publications
    )
    until = clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + _HALF_A_YEAR
    lines = [
        *(f"Contact: {contact}" for contact in dict.fromkeys(contacts)),
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
    ]
    if not site.prefix:  # it is looked for at the root of a host alone
        lines.append(f"Canonical: {site.public_url}/.well-known/security.txt")
    return "\n".join(lines) + "\n"


def routes(site: Site) -> list[BaseRoute]:
    """`/<publication>/site.css`, kept for a year under the address that has its digest, `/robots.txt`, `security.txt`.

    And no icon.
    """

    async def css(request: Request) -> Response:
        publication = site.publications.get(request.path_params["publication"])
        if publication is None:
            raise HTTPException(404)
        text, digest = stylesheet(publication.theme)
        cache_control = _CACHE_FOREVER if request.query_params.get("v") == digest else _CACHE_HOUR
        return Response(text, media_type="text/css", headers={"cache-control": cache_control, "etag": f'"{digest}"'})

    async def robots(_request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /u/\nDisallow: /c/\nDisallow: /p/\nDisallow: /undo/\n")

    async def icon(_request: Request) -> Response:
        """None: every browser asks, and a page that is not there would stand in the log each time."""
        return Response(status_code=204, headers={"cache-control": _CACHE_DAY})

    async def security(_request: Request) -> Response:
        return PlainTextResponse(_security_txt(site), headers={"cache-control": _CACHE_HOUR})

    return [
        Route("/.well-known/security.txt", security, name="security"),
        Route("/{publication}/site.css", css, name="css"),
        Route("/robots.txt", robots, name="robots"),
        Route("/favicon.ico", icon, name="icon"),
    ]
