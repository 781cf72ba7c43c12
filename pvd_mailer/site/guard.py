"""The guard before the readers' site: whose name it answers to, and what its answers allow."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pvd_mailer.site.context import Site
from pvd_mailer.site.problems import problem
from pvd_mailer.web.allowance import Allowance
from pvd_mailer.web.guard import HEADERS, Guard

__all__ = ["guarded", "hosts_of"]

_YEAR: Final = 31_536_000
_USUAL: Final = {"http": 80, "https": 443}


def hosts_of(site: Site, host: str, port: int) -> set[str]:
    """What a Host header may say: the public address, and this machine's own for whoever watches over the site."""
    public = urlsplit(site.public_url)
    names = {public.netloc.lower()}
    usual = _USUAL[public.scheme]
    if public.hostname and public.port in {None, usual}:
        bare = f"[{public.hostname}]" if ":" in public.hostname else public.hostname
        names |= {bare, f"{bare}:{usual}"}
    for one in (host, "127.0.0.1", "localhost", "[::1]"):
        names.add(f"{one}:{port}".lower())
        if port == _USUAL["http"]:
            names.add(one.lower())
    return names


class _Prefix:
    """Takes the path of the public address off, where the proxy has left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{self.prefix}/"):
            scope["path"] = scope["path"].removeprefix(self.prefix)
        await self.app(scope, receive, send)


def guarded(app: ASGIApp, site: Site, hosts: Collection[str], allowance: Allowance | None = None) -> Guard:
    """`app` behind a guard that lets in requests for `hosts`, whose bodies may take `allowance`."""
    headers = dict(HEADERS)
    if site.public_url.startswith("https:"):
        headers["strict-transport-security"] = f"max-age={_YEAR}"

    def misdirected(scope: Scope) -> Response:
        return problem(site, Request(scope), 421)

    return Guard(_Prefix(app, site.prefix) if site.prefix else app, hosts, headers, misdirected, allowance)
