"""The guard before the readers' site: whose name it answers to, and what its answers allow."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pvd_mailer.site.state import Site
from pvd_mailer.site.views.errors import error_page
from pvd_mailer.web.allowance import Allowance
from pvd_mailer.web.middleware import SECURITY_HEADERS, SecurityMiddleware

__all__ = ["allowed_hosts", "secure_app"]

_YEAR: Final = 31_536_000
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def allowed_hosts(site: Site, host: str, port: int) -> set[str]:
    """What a Host header may say: the public address, and this machine's own for whoever watches over the site."""
    public = urlsplit(site.public_url)
    names = {public.netloc.lower()}
    default_port = _DEFAULT_PORTS[public.scheme]
    if public.hostname and public.port in {None, default_port}:
        public_host = f"[{public.hostname}]" if ":" in public.hostname else public.hostname
        names |= {public_host, f"{public_host}:{default_port}"}
    for name in (host, "127.0.0.1", "localhost", "[::1]"):
        names.add(f"{name}:{port}".lower())
        if port == _DEFAULT_PORTS["http"]:
            names.add(name.lower())
    return names


class _StripPrefix:
    """Takes the path of the public address off, where the proxy has left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{self.prefix}/"):
            scope["path"] = scope["path"].removeprefix(self.prefix)
        await self.app(scope, receive, send)


def secure_app(
    app: ASGIApp, site: Site, hosts: Collection[str], allowance: Allowance | None = None
) -> SecurityMiddleware:
    """`app` behind a guard that lets in requests for `hosts`, whose bodies may take `allowance`."""
    headers = dict(SECURITY_HEADERS)
    if site.public_url.startswith("https:"):
        headers["strict-transport-security"] = f"max-age={_YEAR}"

    def misdirected(scope: Scope) -> Response:
        return error_page(site, Request(scope), 421)

    return SecurityMiddleware(
        _StripPrefix(app, site.prefix) if site.prefix else app, hosts, headers, misdirected, allowance
    )
