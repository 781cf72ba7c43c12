"""The bodies of requests: bounded, each and all together, and forms out of them. What is wrong is answered in words."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pvd_mailer.web.allowance import Allowance, Body

__all__ = ["ALLOWANCE", "BODY", "FORM", "MOST", "read_body", "read_form"]

FORM: Final = 64 * 1024
"""Bytes that a body may have where a route does not say otherwise."""
MOST: Final = "pvd_mailer.most"
"""Where a request's scope holds its bound, which the guard counts against."""
ALLOWANCE: Final = "pvd_mailer.allowance"
"""Where a request's scope holds what bodies may take."""
BODY: Final = "pvd_mailer.body"
"""Where a request's scope holds its body, for the guard to let go of it."""
_AGAIN: Final = "30"
"""In seconds: when to come back where other bodies hold all the memory; by then most of them have come, or are late."""
FIELDS: Final = 100


async def read_body(request: Request, most: int = FORM) -> bytes:
    """The body, as it came. It can be read once.

    Raises:
        HTTPException: it has more than `most` bytes (413), or comes too slowly (408); or bodies under way hold all the
            memory that they may (503).
        ClientDisconnect: it never ends.
    """
    request.scope[MOST] = most
    allowance: Allowance = request.scope[ALLOWANCE]
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > most:
        raise HTTPException(413, headers={"connection": "close"})
    try:
        async with asyncio.timeout(allowance.seconds(0)) as deadline:
            body = request.scope[BODY] = Body(allowance, deadline)
            try:
                async for piece in request.stream():
                    if not body.grow(piece):
                        raise _busy()
            finally:
                data = body.settle()
    except TimeoutError as error:
        raise (_busy() if body.gave_way else HTTPException(408, headers={"connection": "close"})) from error
    return data


def _busy() -> HTTPException:
    return HTTPException(503, headers={"connection": "close", "retry-after": _AGAIN})


async def read_form(request: Request) -> dict[str, tuple[str, ...]]:
    """The fields of a form as our pages send them: name -> values. What is no such form has no fields.

    Raises:
        HTTPException: as `read_body`.
    """
    body = await read_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    fields: dict[str, tuple[str, ...]] = {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError:  # more fields than any form of ours has
        return {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields
