"""Addresses that answer with a final slash as without one: people add it, and a redirect would carry a token."""

from collections.abc import Awaitable, Callable, Collection

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

__all__ = ["at"]

_GET = ("GET",)


def at(
    path: str, answer: Callable[[Request], Awaitable[Response]], name: str, methods: Collection[str] = _GET
) -> list[BaseRoute]:
    """The routes by which `answer` is had at `path`; `name` is what the log calls it."""
    return [Route(one, answer, methods=list(methods), name=name) for one in (path, f"{path}/")]
