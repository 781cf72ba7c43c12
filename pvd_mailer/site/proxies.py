"""The proxies before the site: whose word on the reader's address is taken, and what it is taken for."""

from ipaddress import ip_address, ip_network
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["TrustedProxies"]

_UNKNOWN_CLIENT: Final = ("unknown", 0)
"""The client of a request of which a proxy does not say whose it is; RFC 7239 has the word."""


class TrustedProxies:
    """The addresses and networks of a setting, such as `127.0.0.1,10.0.0.0/8`; None for no proxy."""

    def __init__(self, setting: str | None) -> None:
        self._setting = setting
        self._networks = [ip_network(part) for part in (setting or "").split(",") if part]

    def __contains__(self, host: str) -> bool:
        """Whether a connection from `host` is a proxy's."""
        try:
            ip = ip_address(host)
        except ValueError:
            return False
        return any(ip in network for network in self._networks)

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """`app`, told by the proxies whose each request is. Never by anybody else, who could say to be anybody."""
        return app if self._setting is None else _ForwardedMiddleware(app, self, self._setting)


class _ForwardedMiddleware:
    """Reads `X-Forwarded-For` of the proxies.

    A word that names nobody is taken for what it is: one that is empty, or that names this very machine, which a client
    made up.
    """

    def __init__(self, app: ASGIApp, proxies: TrustedProxies, setting: str) -> None:
        self.app = app
        self._proxies = proxies
        # Uvicorn has names of its own for ASGI's types.
        self._app_by_header: ASGIApp = ProxyHeadersMiddleware(self._drop_nonsense, setting)  # type: ignore[arg-type, assignment]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_forwarded = scope["type"] == "http" and scope["client"] and scope["client"][0] in self._proxies
        await (self._app_by_header if is_forwarded else self.app)(scope, receive, send)

    async def _drop_nonsense(self, scope: Scope, receive: Receive, send: Send) -> None:
        forwarded_for = Headers(scope=scope).getlist("x-forwarded-for")
        if forwarded_for and (not "".join(forwarded_for).strip(", ") or _is_loopback(scope["client"][0])):
            scope["client"] = _UNKNOWN_CLIENT
        await self.app(scope, receive, send)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
