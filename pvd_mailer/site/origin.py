"""Whose page a form was sent from: what a page of another site has a reader's browser send is refused."""

from collections.abc import Collection
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pvd_mailer.i18n import _
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import error_page
from pvd_mailer.site.views.render import use_language_of

__all__ = ["SameOriginMiddleware"]

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_TOKEN_PAGES: Final = frozenset({"c", "p", "u", "undo"})
"""First parts of addresses whose page is had by a GET, or lies one part above."""
_PARTS: Final = 2


def _is_for_machines(path: str) -> bool:
    """Whether other programs post there: a mail provider for its user (RFC 8058), SendGrid with what it signed."""
    parts = path.strip("/").split("/")
    return parts[0] == "events" or (parts[0] == "u" and len(parts) == _PARTS)


class SameOriginMiddleware:
    """Refuses what changes something and was sent by another site's page (cross-site request forgery)."""

    def __init__(self, app: ASGIApp, site: Site, hosts: Collection[str]) -> None:
        """Stand before `app`, whose requests name one of `hosts`."""
        self.app = app
        self.site = site
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS or self._is_same_origin(scope):
            await self.app(scope, receive, send)
        else:
            await self._refusal(Request(scope))(scope, receive, send)

    def _is_same_origin(self, scope: Scope) -> bool:
        """Whether the browser says that a page of ours sent it, or, being old, says nothing.

        Browsers since 2023 send Sec-Fetch-Site (Fetch Metadata Request Headers). Of Origin, `null` says nothing: they
        write it in what our own pages send, too, since those have no referrer (Fetch, 3.2).
        """
        if _is_for_machines(scope["path"]):
            return True
        headers = Headers(scope=scope)
        sites, origins = headers.getlist("sec-fetch-site"), headers.getlist("origin")
        if sites:
            return all(site in {"same-origin", "none"} for site in sites)
        return all(origin == "null" or self._names_us(origin) for origin in origins)

    def _names_us(self, origin: str) -> bool:
        try:
            return urlsplit(origin).netloc.lower() in self.hosts
        except ValueError:
            return False

    def _refusal(self, request: Request) -> Response:
        parts = request.scope["path"].strip("/").split("/")
        use_language_of(request, self.site, self.site.publication_or_default(parts[0]))
        page = parts[:_PARTS] if parts[0] in _TOKEN_PAGES else parts
        offer = None
        if parts[0] in _TOKEN_PAGES or parts[0] in self.site.publications:
            offer = (quote("/" + "/".join(page)), _("Open our page"))
        return error_page(
            self.site,
            request,
            403,
            title=_("This form was not sent from our page"),
            words=_(
                "Your browser says that another site's page sent it, so nothing was done. Open our page and press its"
                " button there. If you come from there already, another browser may help."
            ),
            offer=offer,
        )
