"""The way out: a page that asks, a POST that lets go at once, and a button that takes it back."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from pvd_mailer import clock
from pvd_mailer.i18n import _
from pvd_mailer.services.machine.readiness import DatabaseError
from pvd_mailer.services.readers.unsubscribe import (
    UNDO_WINDOW,
    ReaderStatus,
    UndoableUnsubscribe,
    UnsubscribeResult,
    get_reader_status,
    publication_of_unsubscribe,
    undo_unsubscribe_by_key,
)
from pvd_mailer.site.jobs.unsubscribe_batcher import UnsubscribeBatcher
from pvd_mailer.site.routes.slashes import routes_with_slash
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import broken_link_page
from pvd_mailer.site.views.render import render_page, use_language_of
from pvd_mailer.tokens import ExpiredTokenError, Purpose, read_timed_token, read_token, sign_timed_token
from pvd_mailer.web.request_body import read_body

__all__ = ["routes", "unsubscribed_page"]


def unsubscribed_page(site: Site, result: UnsubscribeResult, publication: str | None = None) -> Response:
    """The same calm page for everybody who wants to be gone; with a button that takes it back, where that can be.

    `publication` is whose it is where they had no letter.
    """
    return render_page(
        site,
        "unsubscribed.html",
        publication=result.publication or publication,
        undo=_undo_token(site, result.undo),
        again=False,
    )


def _undo_token(site: Site, undoable: UndoableUnsubscribe | None) -> str | None:
    if undoable is None:
        return None
    return sign_timed_token(site.keys, Purpose.UNDO, undoable.event_key, undoable.since + UNDO_WINDOW)


class _UnsubscribePages:
    def __init__(self, site: Site, batcher: UnsubscribeBatcher) -> None:
        self.site = site
        self.batcher = batcher

    def _unknown_token_page(self, request: Request) -> Response:
        """To a token that is not ours: how to leave otherwise."""
        offer = (f"/{self.site.default_publication}/preferences", _("Have a new link sent to you"))
        return broken_link_page(self.site, request, leaving=True, offer=offer)

    async def unsubscribe(self, request: Request) -> Response:
        """GET asks, and never acts: scanners follow links. Any POST lets go: a reader who wants out gets out."""
        token = request.path_params["token"]
        use_language_of(request, self.site)
        ref = read_token(self.site.keys, Purpose.UNSUBSCRIBE, token)
        if request.method != "POST":
            if ref is None:
                return self._unknown_token_page(request)
            return await self._question_page(request, ref, token)
        await read_body(request)
        if ref is None:
            return self._unknown_token_page(request)
        result = await self.batcher.unsubscribe(ref)
        use_language_of(request, self.site, result.publication)
        return unsubscribed_page(self.site, result)

    async def _question_page(self, request: Request, ref: str, token: str) -> Response:
        reader = await run_in_threadpool(self._reader_status, ref)
        use_language_of(request, self.site, reader.publication)
        if reader.is_unsubscribed:
            undo = _undo_token(self.site, reader.undo)
            return render_page(self.site, "unsubscribed.html", publication=reader.publication, undo=undo, again=True)
        return render_page(self.site, "unsubscribe.html", publication=reader.publication, token=token)

    def _reader_status(self, ref: str) -> ReaderStatus:
        try:
            return get_reader_status(self.site.context, ref)
        except DatabaseError:  # the page asks all the same: whoever wants out is not sent away
            return ReaderStatus()

    async def undo(self, request: Request) -> Response:
        """GET asks; POST brings back."""
        use_language_of(request, self.site)
        try:
            key = read_timed_token(self.site.keys, Purpose.UNDO, request.path_params["token"], clock.now())
        except ExpiredTokenError:
            return self._too_late_page()
        if request.method == "POST":
            await read_body(request)
        if key is None:
            return self._unknown_token_page(request)
        if request.method != "POST":
            publication = await run_in_threadpool(publication_of_unsubscribe, self.site.context, key)
            use_language_of(request, self.site, publication)
            return render_page(self.site, "undo_unsubscribe.html", publication=publication)
        result = await run_in_threadpool(undo_unsubscribe_by_key, self.site.context, key)
        use_language_of(request, self.site, result.publication)
        if not result.is_undone:
            return self._too_late_page(result.publication)
        return render_page(self.site, "resubscribed.html", publication=result.publication)

    def _too_late_page(self, publication: str | None = None) -> Response:
        return render_page(self.site, "too_late.html", publication=publication, status=410)


def routes(site: Site, batcher: UnsubscribeBatcher) -> list[BaseRoute]:
    """`/u/<token>`, which letters lead to, and `/undo/<token>`."""
    pages = _UnsubscribePages(site, batcher)
    return [
        *routes_with_slash("/u/{token}", pages.unsubscribe, "unsubscribe", ["GET", "POST"]),
        *routes_with_slash("/undo/{token}", pages.undo, "undo", ["GET", "POST"]),
    ]
