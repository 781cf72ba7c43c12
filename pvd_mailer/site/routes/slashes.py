"""Addresses that answer with a final slash as without one: people add it, and a redirect would carry a token."""

from collections.abc import Awaitable, Callable, Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

__all__ = ["routes_with_slash"]

_GET = ("GET",)


def routes_with_slash(
    path: str, endpoint: Callable[[Request], Awaitable[Response]], name: str, methods: Collection[str] = _GET
) -> list[BaseRoute]:
    """The routes by which `endpoint` is had at `path`; `name` is what the log calls it."""
    return [Route(url_path, endpoint, methods=list(methods), name=name) for url_path in (path, f"{path}/")]
