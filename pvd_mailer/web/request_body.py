"""The bodies of requests: bounded, each and all together, and forms out of them. What is wrong is answered in words."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from pvd_mailer.web.allowance import Allowance, RequestBody

__all__ = ["ALLOWANCE_KEY", "BODY_KEY", "LIMIT_KEY", "MAX_FORM_BYTES", "read_body", "read_form"]

MAX_FORM_BYTES: Final = 64 * 1024
"""Bytes that a body may have where a route does not say otherwise."""
LIMIT_KEY: Final = "pvd_mailer.most"
"""Where a request's scope holds its bound, which the guard counts against."""
ALLOWANCE_KEY: Final = "pvd_mailer.allowance"
"""Where a request's scope holds what bodies may take."""
BODY_KEY: Final = "pvd_mailer.body"
"""Where a request's scope holds its body, for the guard to let go of it."""
_RETRY_AFTER: Final = "30"
"""In seconds: when to come back where other bodies hold all the memory; by then most of them have come, or are late."""
_MAX_FIELDS: Final = 100


async def read_body(request: Request, max_bytes: int = MAX_FORM_BYTES) -> bytes:
    """The body, as it came. It can be read once.

    Raises:
        HTTPException: it has more than `max_bytes` bytes (413), or comes too slowly (408); or bodies under way hold
            all the memory that they may (503).
        ClientDisconnect: it never ends.
    """
    request.scope[LIMIT_KEY] = max_bytes
    allowance: Allowance = request.scope[ALLOWANCE_KEY]
    content_length = request.headers.get("content-length", "0")
    if content_length.isdigit() and int(content_length) > max_bytes:
        raise HTTPException(413, headers={"connection": "close"})
    try:
        async with asyncio.timeout(allowance.time_limit(0)) as deadline:
            body = request.scope[BODY_KEY] = RequestBody(allowance, deadline)
            try:
                async for piece in request.stream():
                    if not body.append(piece):
                        raise _busy()
            finally:
                data = body.finish()
    except TimeoutError as error:
        raise (_busy() if body.was_evicted else HTTPException(408, headers={"connection": "close"})) from error
    return data


def _busy() -> HTTPException:
    return HTTPException(503, headers={"connection": "close", "retry-after": _RETRY_AFTER})


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
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:  # more fields than any form of ours has
        return {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return fields
