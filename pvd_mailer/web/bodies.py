"""The bodies of requests: bounded, each and all together, and forms out of them. What is wrong is answered in words."""

import asyncio
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

__all__ = ["ALLOWANCE", "FORM", "FREE", "MOST", "Allowance", "read_body", "read_form"]

FORM: Final = 64 * 1024
"""Bytes that a body may have where a route does not say otherwise."""
FREE: Final = 4 * 1024
"""The first bytes of a body are not counted: whoever leaves or fills in a form is answered during a flood, too."""
MOST: Final = "pvd_mailer.most"
"""Where a request's scope holds its bound, which the guard counts against."""
ALLOWANCE: Final = "pvd_mailer.allowance"
"""Where a request's scope holds what bodies may take."""
FIELDS: Final = 100


@dataclass(slots=True)
class Allowance:
    """What the bodies under way may take: memory all together, and time each.

    Attributes:
        memory: Bytes that may be held of all of them at once, but for the first `FREE` of each.
        first: In seconds: how long a body may take, however short it is.
        pace: Bytes that buy it another second. The rule and its figures are those of Apache's mod_reqtimeout.
        whole: In seconds: how long the longest may take.
        held: Bytes that are held now.
    """

    memory: int = 32_000_000
    first: float = 20
    pace: int = 500
    whole: float = 60
    held: int = 0

    def take(self, count: int) -> bool:
        """Hold `count` bytes more; False, and nothing is held, where that is too much."""
        if self.held + count > self.memory:
            return False
        self.held += count
        return True

    def give(self, count: int) -> None:
        """Hold `count` bytes less."""
        self.held -= count

    def seconds(self, read: int) -> float:
        """How long a body of which `read` bytes have come may take, from its beginning."""
        return min(self.whole, self.first + read / self.pace)


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
    body = bytearray()
    began = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(allowance.seconds(0)) as deadline:
            async for piece in request.stream():
                body += piece
                deadline.reschedule(began + allowance.seconds(len(body)))
    except TimeoutError as error:
        raise HTTPException(408, headers={"connection": "close"}) from error
    return bytes(body)


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
