"""The way out: a page that asks, a POST that lets go at once, and a button that takes it back."""

from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.database import DatabaseError
from pvd_mailer.i18n import _
from pvd_mailer.site.addresses import at
from pvd_mailer.site.context import Site
from pvd_mailer.site.departures import Departures
from pvd_mailer.site.page import respond, speak_to
from pvd_mailer.site.problems import broken_link
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed, read_token, sign_until
from pvd_mailer.web.bodies import read_body
from pvd_mailer.workflow.leaving import UNDO, Left, Reader, Returned, departed_from, look, return_

__all__ = ["gone", "routes"]


def gone(site: Site, left: Left, publication: str | None = None) -> Response:
    """The same calm page for everybody who wants to be gone; with a button that takes it back, where that can be.

    `publication` is whose it is where they had no letter.
    """
    return respond(
        site, "gone.html", publication=left.publication or publication, undo=_undo(site, left.undo), again=False
    )


def _undo(site: Site, departure: tuple[str, datetime] | None) -> str | None:
    if departure is None:
        return None
    key, since = departure
    return sign_until(site.keys, Purpose.UNDO, key, since + UNDO)


class _Pages:
    def __init__(self, site: Site, departures: Departures) -> None:
        self.site = site
        self.departures = departures

    def _stranger(self, request: Request) -> Response:
        """To a token that is not ours: how to leave otherwise."""
        offer = (f"/{self.site.house}/preferences", _("Have a new link sent to you"))
        return broken_link(self.site, request, leaving=True, offer=offer)

    async def leave(self, request: Request) -> Response:
        """GET asks, and never acts: scanners follow links. Any POST lets go: a reader who wants out gets out."""
        token = request.path_params["token"]
        speak_to(request, self.site)
        ref = read_token(self.site.keys, Purpose.UNSUBSCRIBE, token)
        if request.method != "POST":
            if ref is None:
                return self._stranger(request)
            return await self._ask(request, ref, token)
        await read_body(request)
        if ref is None:
            return self._stranger(request)
        left = await self.departures.leave(ref)
        speak_to(request, self.site, left.publication)
        return gone(self.site, left)

    async def _ask(self, request: Request, ref: str, token: str) -> Response:
        reader = await run_in_threadpool(self._look, ref)
        speak_to(request, self.site, reader.publication)
        if reader.has_left:
            undo = _undo(self.site, reader.undo)
            return respond(self.site, "gone.html", publication=reader.publication, undo=undo, again=True)
        return respond(self.site, "leave.html", publication=reader.publication, token=token)

    def _look(self, ref: str) -> Reader:
        try:
            with self.site.office.database.read() as connection:
                return look(connection, ref, clock.now())
        except DatabaseError:  # the page asks all the same: whoever wants out is not sent away
            return Reader()

    async def undo(self, request: Request) -> Response:
        """GET asks; POST brings back."""
        speak_to(request, self.site)
        try:
            key = read_timed(self.site.keys, Purpose.UNDO, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._too_late()
        if request.method == "POST":
            await read_body(request)
        if key is None:
            return self._stranger(request)
        if request.method != "POST":
            publication = await run_in_threadpool(self._departed_from, key)
            speak_to(request, self.site, publication)
            return respond(self.site, "undo.html", publication=publication)
        told = await run_in_threadpool(self._return, key)
        speak_to(request, self.site, told.publication)
        if not told.is_back:
            return self._too_late(told.publication)
        return respond(self.site, "back.html", publication=told.publication)

    def _departed_from(self, key: str) -> str | None:
        with self.site.office.database.read() as connection:
            return departed_from(connection, key)

    def _return(self, key: str) -> Returned:
        with self.site.office.database.write() as connection:
            return return_(connection, key, clock.now())

    def _too_late(self, publication: str | None = None) -> Response:
        return respond(self.site, "too_late.html", publication=publication, status=410)


def routes(site: Site, departures: Departures) -> list[BaseRoute]:
    """`/u/<token>`, which letters lead to, and `/undo/<token>`."""
    pages = _Pages(site, departures)
    return [
        *at("/u/{token}", pages.leave, "unsubscribe", ["GET", "POST"]),
        *at("/undo/{token}", pages.undo, "undo", ["GET", "POST"]),
    ]
