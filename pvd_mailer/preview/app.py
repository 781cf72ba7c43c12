"""The addresses of the preview."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from pvd_mailer.i18n import speak
from pvd_mailer.preview import guard, page
from pvd_mailer.preview.state import Good, Preview
from pvd_mailer.preview.variants import Reading, frame_of, source_lines
from pvd_mailer.preview.watch import follow
from pvd_mailer.web.guard import Guard

__all__ = ["create_app"]

STATIC = {
    "preview.js": "text/javascript",
    "patch.js": "text/javascript",
    "preview.css": "text/css",
    "parts.css": "text/css",
    "icon.svg": "image/svg+xml",
}
HEARTBEAT = 15.0
"""In seconds: how often a client that says nothing is asked whether it is there."""


def _missing() -> Response:
    return PlainTextResponse("404 Not Found\n", status_code=404)


def _framed(document: str, *, styles: str, images: str) -> Response:
    policy = guard.LETTER.format(styles=styles, images=images)
    return HTMLResponse(document, headers={"content-security-policy": policy})


class _Pages:
    """The endpoints; each answers from one state, however many saves come meanwhile."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        folder = Path(__file__).parent / "static"
        self.static = {name: (folder / name).read_bytes() for name in STATIC}

    @property
    def good(self) -> Good | None:
        return self.preview.shown.good

    async def index(self, _request: Request) -> Response:
        speak(self.preview.lang)
        document = page.whole(self.preview.shown)
        return HTMLResponse(document, headers={"content-security-policy": guard.PAGE})

    async def letter(self, request: Request) -> Response:
        if not self.good:
            return _missing()
        asked = request.query_params
        reading = Reading(dark=asked.get("dark") == "1", styles=asked.get("styles") != "0")
        document = frame_of(self.good.html, self.good.proof.letter, self.preview.settings.pages_url, reading)
        images = "'none'" if asked.get("images") == "0" else "'self'"
        return _framed(document, styles="'unsafe-inline'", images=images)

    async def text(self, _request: Request) -> Response:
        if not self.good:
            return _missing()
        speak(self.preview.lang)
        return _framed(page.text(self.good), styles="'self'", images="'none'")

    async def source(self, _request: Request) -> Response:
        if not self.good:
            return _missing()
        speak(self.preview.lang)
        lines = source_lines(self.good.proof.letter.html)
        return _framed(page.source(lines), styles="'self'", images="'none'")

    async def image(self, request: Request) -> Response:
        """By name among the letter's own pictures: no path is made of what a request says."""
        found = self.good.pictures.get(request.path_params["name"]) if self.good else None
        return Response(found.data, media_type=found.media_type) if found else _missing()

    async def asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        return Response(self.static[name], media_type=STATIC[name]) if name in self.static else _missing()

    async def events(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        """The present state at once, then each new one; a client that is slow gets the newest only."""
        speak(self.preview.lang)
        stamp: str | None = None
        yield "retry: 500\n\n"
        while not self.preview.is_closed:
            shown = await self.preview.after(stamp, HEARTBEAT)
            if shown is None:
                yield ":\n\n"
                continue
            stamp = shown.stamp
            yield f"data: {json.dumps(page.parts(shown))}\n\n"


def create_app(preview: Preview, hosts: Collection[str]) -> Guard:
    """The application that shows `preview`, for requests that name one of `hosts`."""
    pages = _Pages(preview)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(follow(preview))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    routes = [
        Route("/", pages.index),
        Route("/letter", pages.letter),
        Route("/text", pages.text),
        Route("/source", pages.source),
        Route("/events", pages.events),
        Route("/images/{name}", pages.image),
        Route("/static/{name}", pages.asset),
    ]
    # Outside Starlette's own middleware, so that its answer to an error has our headers as well.
    return Guard(Starlette(routes=routes, lifespan=lifespan), hosts)
