"""The way out: a page that asks, a POST that lets go at once, and a button that takes it back."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pvd_mailer import clock
from pvd_mailer.i18n import _
from pvd_mailer.site.context import Site
from pvd_mailer.site.departures import Departures
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.problems import problem
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed, read_token, sign_until
from pvd_mailer.web.bodies import read_body
from pvd_mailer.workflow.leaving import UNDO, Left, return_

__all__ = ["gone", "routes"]


def gone(site: Site, left: Left) -> Response:
    """The same calm page for everybody who wants to be gone; with a button that takes it back, where that can be."""
    undo = None
    if left.undo is not None:
        key, since = left.undo
        undo = sign_until(site.keys, Purpose.UNDO, key, since + UNDO)
    publication = left.publication if left.publication in site.publications else None
    return respond(site, "gone.html", publication=publication, undo=undo)


class _Pages:
    def __init__(self, site: Site, departures: Departures) -> None:
        self.site = site
        self.departures = departures

    def _stranger(self, request: Request) -> Response:
        """To a token that is not ours: how to leave otherwise."""
        return problem(
            self.site,
            request,
            404,
            title=_("This link does not work"),
            words=_("It was cut off or changed on its way, or it was never one of ours."),
            leaving=True,
            offer=(f"/{self.site.house}/preferences", _("Have a new link sent to you")),
        )

    async def leave(self, request: Request) -> Response:
        """GET asks, and never acts: scanners follow links. Any POST lets go: a reader who wants out gets out."""
        token = request.path_params["token"]
        speak_to(request, self.site)
        ref = read_token(self.site.keys, Purpose.UNSUBSCRIBE, token)
        if request.method != "POST":
            if ref is None:
                return self._stranger(request)
            return respond(self.site, "leave.html", token=token)
        await read_body(request)
        if ref is None:
            return self._stranger(request)
        left = await self.departures.leave(ref)
        return gone(self.site, left)

    async def undo(self, request: Request) -> Response:
        """GET asks; POST brings back."""
        speak_to(request, self.site)
        try:
            key = read_timed(self.site.keys, Purpose.UNDO, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._too_late()
        if request.method != "POST":
            return self._stranger(request) if key is None else respond(self.site, "undo.html")
        await read_body(request)
        if key is None:
            return self._stranger(request)
        if not await run_in_threadpool(self._return, key):
            return self._too_late()
        return respond(self.site, "back.html")

    def _return(self, key: str) -> bool:
        with self.site.office.database.write() as connection:
            return return_(connection, key, clock.now())

    def _too_late(self) -> Response:
        return respond(self.site, "too_late.html", status=410)


def routes(site: Site, departures: Departures) -> list[BaseRoute]:
    """`/u/<token>`, which letters lead to, and `/undo/<token>`."""
    pages = _Pages(site, departures)
    return [
        Route("/u/{token}", pages.leave, methods=["GET", "POST"], name="unsubscribe"),
        Route("/undo/{token}", pages.undo, methods=["GET", "POST"], name="undo"),
    ]
