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

from pvd_mailer.i18n import set_language
from pvd_mailer.preview import page
from pvd_mailer.preview.content_security import LETTER_FRAME_CSP, PREVIEW_CSP
from pvd_mailer.preview.state import GoodRender, Preview
from pvd_mailer.preview.variants import ClientSettings, frame_html, source_lines
from pvd_mailer.preview.watch import keep_rendered
from pvd_mailer.web.middleware import SecurityMiddleware

__all__ = ["create_app"]

_MEDIA_TYPES = {
    "preview.js": "text/javascript",
    "patch.js": "text/javascript",
    "preview.css": "text/css",
    "parts.css": "text/css",
    "icon.svg": "image/svg+xml",
}
_HEARTBEAT_SECONDS = 15.0
"""In seconds: how often a client that says nothing is asked whether it is there."""


def _not_found() -> Response:
    return PlainTextResponse("404 Not Found\n", status_code=404)


def _frame_response(document: str, *, styles: str, images: str) -> Response:
    policy = LETTER_FRAME_CSP.format(styles=styles, images=images)
    return HTMLResponse(document, headers={"content-security-policy": policy})


class _Endpoints:
    """The endpoints; each answers from one state, however many saves come meanwhile."""

    def __init__(self, preview: Preview) -> None:
        self.preview = preview
        folder = Path(__file__).parent / "static"
        self.static = {name: (folder / name).read_bytes() for name in _MEDIA_TYPES}

    @property
    def last_good(self) -> GoodRender | None:
        return self.preview.state.last_good

    async def index(self, _request: Request) -> Response:
        set_language(self.preview.lang)
        document = page.whole_page(self.preview.state)
        return HTMLResponse(document, headers={"content-security-policy": PREVIEW_CSP})

    async def letter(self, request: Request) -> Response:
        if not self.last_good:
            return _not_found()
        query = request.query_params
        client = ClientSettings(dark=query.get("dark") == "1", styles=query.get("styles") != "0")
        document = frame_html(
            self.last_good.html, self.last_good.checked.letter, self.preview.settings.pages_url, client
        )
        images = "'none'" if query.get("images") == "0" else "'self'"
        return _frame_response(document, styles="'unsafe-inline'", images=images)

    async def text(self, _request: Request) -> Response:
        if not self.last_good:
            return _not_found()
        set_language(self.preview.lang)
        return _frame_response(page.text_page(self.last_good), styles="'self'", images="'none'")

    async def source(self, _request: Request) -> Response:
        if not self.last_good:
            return _not_found()
        set_language(self.preview.lang)
        lines = source_lines(self.last_good.checked.letter.html)
        return _frame_response(page.source_page(lines), styles="'self'", images="'none'")

    async def image(self, request: Request) -> Response:
        """By name among the letter's own pictures: no path is made of what a request says."""
        picture = self.last_good.pictures.get(request.path_params["name"]) if self.last_good else None
        return Response(picture.data, media_type=picture.media_type) if picture else _not_found()

    async def asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        return Response(self.static[name], media_type=_MEDIA_TYPES[name]) if name in self.static else _not_found()

    async def events(self, _request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        """The present state at once, then each new one; a client that is slow gets the newest only."""
        set_language(self.preview.lang)
        version: str | None = None
        yield "retry: 500\n\n"
        while not self.preview.is_closed:
            state = await self.preview.wait_for_next(version, _HEARTBEAT_SECONDS)
            if state is None:
                yield ":\n\n"
                continue
            version = state.version
            yield f"data: {json.dumps(page.page_parts(state))}\n\n"


def create_app(preview: Preview, hosts: Collection[str]) -> SecurityMiddleware:
    """The application that shows `preview`, for requests that name one of `hosts`."""
    endpoints = _Endpoints(preview)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watcher = asyncio.create_task(keep_rendered(preview))
        yield
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher

    routes = [
        Route("/", endpoints.index),
        Route("/letter", endpoints.letter),
        Route("/text", endpoints.text),
        Route("/source", endpoints.source),
        Route("/events", endpoints.events),
        Route("/images/{name}", endpoints.image),
        Route("/static/{name}", endpoints.asset),
    ]
    # Outside Starlette's own middleware, so that its answer to an error has our headers as well.
    return SecurityMiddleware(Starlette(routes=routes, lifespan=lifespan), hosts)
