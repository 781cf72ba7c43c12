"""What every page wears: the stylesheet of its publication, and the little that browsers and robots ask for."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer.site.context import Site
from pvd_mailer.site.style import stylesheet

__all__ = ["routes"]

FOREVER = "public, max-age=31536000, immutable"
AN_HOUR = "public, max-age=3600"
A_DAY = "public, max-age=86400"


def routes(site: Site) -> list[BaseRoute]:
    """`/<publication>/site.css`, kept for a year under the address that has its digest, `/robots.txt`, and no icon."""

    async def css(request: Request) -> Response:
        publication = site.publications.get(request.path_params["publication"])
        if publication is None:
            raise HTTPException(404)
        text, digest = stylesheet(publication.theme)
        kept = FOREVER if request.query_params.get("v") == digest else AN_HOUR
        return Response(text, media_type="text/css", headers={"cache-control": kept, "etag": f'"{digest}"'})

    async def robots(_request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /u/\nDisallow: /c/\nDisallow: /p/\nDisallow: /undo/\n")

    async def icon(_request: Request) -> Response:
        """None: every browser asks, and a page that is not there would stand in the log each time."""
        return Response(status_code=204, headers={"cache-control": A_DAY})

    return [
        Route("/{publication}/site.css", css, name="css"),
        Route("/robots.txt", robots, name="robots"),
        Route("/favicon.ico", icon, name="icon"),
    ]
