"""The addresses of the archive: index, letters, their text, calendars and pictures, and the feed."""

import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer.archive import ArchivedLetter
from pvd_mailer.archive.card import CARD_FILE_NAME as CARD
from pvd_mailer.i18n import LANGUAGES, _
from pvd_mailer.issue.accessibility import STATEMENT_SLUG
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.archive_pages import ArchivePages
from pvd_mailer.site.views.conditional import Document, conditional_response
from pvd_mailer.site.views.errors import error_page
from pvd_mailer.site.views.render import use_language_of

__all__ = ["routes"]

_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


class _ArchiveRoutes:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.pages = ArchivePages(site)

    def publication(self, request: Request) -> str:
        name = str(request.path_params["publication"])
        if name not in self.site.publications:
            raise HTTPException(404)
        return name

    def issue(self, request: Request) -> tuple[str, int]:
        name, number = self.publication(request), str(request.path_params["number"])
        if not _NUMBER.fullmatch(number):
            raise HTTPException(404)
        return name, int(number)

    async def home(self, request: Request) -> Response:
        use_language_of(request, self.site)
        return conditional_response(request, await run_in_threadpool(self.pages.home))

    async def index(self, request: Request) -> Response:
        name = self.publication(request)
        use_language_of(request, self.site, name)
        return conditional_response(request, await run_in_threadpool(self.pages.index, name))

    async def feed(self, request: Request) -> Response:
        return conditional_response(request, await run_in_threadpool(self.pages.feed, self.publication(request)))

    async def _letter(self, request: Request) -> ArchivedLetter | Response:
        name, number = self.issue(request)
        letter = await run_in_threadpool(self.pages.find_letter, name, number)
        return letter or self._letter_not_found(request, name)

    def _letter_not_found(self, request: Request, name: str) -> Response:
        use_language_of(request, self.site, name)
        return error_page(
            self.site,
            request,
            404,
            publication=name,
            title=_("This letter is not here"),
            words=_("It has not been sent yet, or it is not for the web. Those that can be read are in the list."),
            offer=(f"/{name}/", _("See all letters")),
        )

    async def letter(self, request: Request) -> Response:
        letter = await self._letter(request)
        if isinstance(letter, Response):
            return letter
        return conditional_response(request, await run_in_threadpool(self.pages.letter, letter))

    async def text(self, request: Request) -> Response:
        letter = await self._letter(request)
        if isinstance(letter, Response):
            return letter
        return conditional_response(request, await run_in_threadpool(self.pages.text, letter))

    async def card(self, request: Request) -> Response:
        """Of the letter, or of the publication where no letter is named."""
        name = self.publication(request)
        letter = await self._letter(request) if "number" in request.path_params else None
        if isinstance(letter, Response):
            return letter
        return conditional_response(request, await run_in_threadpool(self.pages.card, name, letter))

    async def calendar(self, request: Request) -> Response:
        name, number = self.issue(request)
        file = f"{request.path_params['block']}.ics"
        return self._document_or_404(request, await run_in_threadpool(self.pages.calendar, name, number, file))

    async def statement(self, request: Request) -> Response:
        name = self.publication(request)
        use_language_of(request, self.site, name)
        return conditional_response(request, await run_in_threadpool(self.pages.statement, name))

    async def picture(self, request: Request) -> Response:
        return self._document_or_404(
            request, await run_in_threadpool(self.pages.picture, str(request.path_params["name"]))
        )

    def _document_or_404(self, request: Request, document: Document | None) -> Response:
        if document is None:
            raise HTTPException(404)
        return conditional_response(request, document)

    async def redirect_to_slash(self, request: Request) -> Response:
        """A relative link leads elsewhere without the final slash."""
        if "number" in request.path_params:
            self.issue(request)
        else:
            self.publication(request)
        lang = request.query_params.get("lang")
        query = f"?lang={lang}" if lang in LANGUAGES else ""
        return RedirectResponse(f"{self.site.prefix}{request.url.path.removeprefix(self.site.prefix)}/{query}", 308)


def routes(site: Site) -> list[BaseRoute]:
    """The archive's. Its last ones match every address of one or two parts, so the other modules' come before."""
    endpoints = _ArchiveRoutes(site)
    return [
        Route("/", endpoints.home, name="home"),
        Route("/images/{name}", endpoints.picture, name="picture"),
        Route("/{publication}/feed.xml", endpoints.feed, name="feed"),
        Route("/{publication}/", endpoints.index, name="archive"),
        Route(f"/{{publication}}/{STATEMENT_SLUG}/", endpoints.statement, name="accessibility"),
        Route(f"/{{publication}}/{STATEMENT_SLUG}", endpoints.redirect_to_slash, name="accessibility-slash"),
        Route(f"/{{publication}}/{CARD}", endpoints.card, name="card"),
        Route(f"/{{publication}}/{{number}}/{CARD}", endpoints.card, name="letter-card"),
        Route("/{publication}/{number}/", endpoints.letter, name="letter"),
        Route("/{publication}/{number}/letter.txt", endpoints.text, name="letter-text"),
        Route("/{publication}/{number}/{block}.ics", endpoints.calendar, name="calendar"),
        Route("/{publication}/{number}", endpoints.redirect_to_slash, name="letter-slash"),
        Route("/{publication}", endpoints.redirect_to_slash, name="archive-slash"),
    ]
