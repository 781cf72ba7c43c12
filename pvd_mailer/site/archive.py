"""The addresses of the archive: index, letters, their text, calendars and pictures, and the feed."""

import re

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from pvd_mailer.archive import Archived
from pvd_mailer.archive.card import NAME as CARD
from pvd_mailer.i18n import LANGUAGES, _
from pvd_mailer.issue.accessibility import STATEMENT
from pvd_mailer.site.context import Site
from pvd_mailer.site.documents import Document, answer
from pvd_mailer.site.library import Library
from pvd_mailer.site.page import speak_to
from pvd_mailer.site.problems import problem

__all__ = ["routes"]

_NUMBER = re.compile(r"[1-9][0-9]{0,3}")


class _Addresses:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.library = Library(site)

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
        speak_to(request, self.site)
        return answer(request, await run_in_threadpool(self.library.home))

    async def index(self, request: Request) -> Response:
        name = self.publication(request)
        speak_to(request, self.site, name)
        return answer(request, await run_in_threadpool(self.library.index, name))

    async def feed(self, request: Request) -> Response:
        return answer(request, await run_in_threadpool(self.library.feed, self.publication(request)))

    async def _letter(self, request: Request) -> Archived | Response:
        name, number = self.issue(request)
        found = await run_in_threadpool(self.library.find, name, number)
        return found or self._no_letter(request, name)

    def _no_letter(self, request: Request, name: str) -> Response:
        speak_to(request, self.site, name)
        return problem(
            self.site,
            request,
            404,
            publication=name,
            title=_("This letter is not here"),
            words=_("It has not been sent yet, or it is not for the web. Those that can be read are in the list."),
            offer=(f"/{name}/", _("See all letters")),
        )

    async def letter(self, request: Request) -> Response:
        found = await self._letter(request)
        if isinstance(found, Response):
            return found
        return answer(request, await run_in_threadpool(self.library.letter, found))

    async def text(self, request: Request) -> Response:
        found = await self._letter(request)
        if isinstance(found, Response):
            return found
        return answer(request, await run_in_threadpool(self.library.text, found))

    async def card(self, request: Request) -> Response:
        """Of the letter, or of the publication where no letter is named."""
        name = self.publication(request)
        found = await self._letter(request) if "number" in request.path_params else None
        if isinstance(found, Response):
            return found
        return answer(request, await run_in_threadpool(self.library.card, name, found))

    async def calendar(self, request: Request) -> Response:
        name, number = self.issue(request)
        file = f"{request.path_params['block']}.ics"
        return self._or_missing(request, await run_in_threadpool(self.library.calendar, name, number, file))

    async def statement(self, request: Request) -> Response:
        name = self.publication(request)
        speak_to(request, self.site, name)
        return answer(request, await run_in_threadpool(self.library.statement, name))

    async def picture(self, request: Request) -> Response:
        return self._or_missing(
            request, await run_in_threadpool(self.library.picture, str(request.path_params["name"]))
        )

    def _or_missing(self, request: Request, found: Document | None) -> Response:
        if found is None:
            raise HTTPException(404)
        return answer(request, found)

    async def slash(self, request: Request) -> Response:
        """A relative link leads elsewhere without the final slash."""
        if "number" in request.path_params:
            self.issue(request)
        else:
            self.publication(request)
        lang = request.query_params.get("lang")
        kept = f"?lang={lang}" if lang in LANGUAGES else ""
        return RedirectResponse(f"{self.site.prefix}{request.url.path.removeprefix(self.site.prefix)}/{kept}", 308)


def routes(site: Site) -> list[BaseRoute]:
    """The archive's. Its last ones match every address of one or two parts, so the other modules' come before."""
    at = _Addresses(site)
    return [
        Route("/", at.home, name="home"),
        Route("/images/{name}", at.picture, name="picture"),
        Route("/{publication}/feed.xml", at.feed, name="feed"),
        Route("/{publication}/", at.index, name="archive"),
        Route(f"/{{publication}}/{STATEMENT}/", at.statement, name="accessibility"),
        Route(f"/{{publication}}/{STATEMENT}", at.slash, name="accessibility-slash"),
        Route(f"/{{publication}}/{CARD}", at.card, name="card"),
        Route(f"/{{publication}}/{{number}}/{CARD}", at.card, name="letter-card"),
        Route("/{publication}/{number}/", at.letter, name="letter"),
        Route("/{publication}/{number}/letter.txt", at.text, name="letter-text"),
        Route("/{publication}/{number}/{block}.ics", at.calendar, name="calendar"),
        Route("/{publication}/{number}", at.slash, name="letter-slash"),
        Route("/{publication}", at.slash, name="archive-slash"),
    ]
