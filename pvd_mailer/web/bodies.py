"""The bodies of requests: bounded, and forms out of them. Whatever comes in, there is an answer in words."""

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

__all__ = ["FORM", "MOST", "read_body", "read_form"]

FORM: Final = 64 * 1024
"""Bytes that a body may have where a route does not say otherwise."""
MOST: Final = "pvd_mailer.most"
"""Where a request's scope holds its bound, which the guard counts against."""
SECONDS: Final = 30
FIELDS: Final = 100


async def read_body(request: Request, most: int = FORM) -> bytes:
    """The body, as it came.

    Raises:
        HTTPException: it has more than `most` bytes (413), takes too long (408), or never ends (400).
    """
    request.scope[MOST] = most
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > most:
        raise HTTPException(413, headers={"connection": "close"})
    try:
        async with asyncio.timeout(SECONDS):
            return await request.body()
    except TimeoutError as error:
        raise HTTPException(408, headers={"connection": "close"}) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error


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
