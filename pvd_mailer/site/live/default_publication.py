"""Which publication speaks where a page is of none: the one whose letter was sent last, asked while the site runs."""

import asyncio
import time
from collections.abc import Collection
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from pvd_mailer.services.archive import latest_publication
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.machine.readiness import DatabaseError

__all__ = ["DefaultPublication", "DefaultPublicationMiddleware"]

FRESH_SECONDS: Final = 1.0
"""In seconds: how long an answer of the database is good."""
_MAX_WAIT: Final = 0.5
"""In seconds: how long a request waits for it; the answer before stands where the database takes longer."""


class DefaultPublication:
    """The publication that was sent last, else the one that comes first."""

    def __init__(self, context: AppContext, names: Collection[str]) -> None:
        """Ask once.

        Raises:
            DatabaseError: the database stands in the way.
        """
        self._context = context
        self._names = list(names)
        self._refreshed_at = time.monotonic()
        self._refreshing: asyncio.Task[None] | None = None
        self.name = self._read() or self._names[0]

    def _read(self) -> str | None:
        return latest_publication(self._context, self._names)

    async def refresh(self) -> None:
        """Ask again, unless that was done a moment ago; a database that is slow or gone is not waited for."""
        if self._refreshing is None or self._refreshing.done():
            if time.monotonic() - self._refreshed_at < FRESH_SECONDS:
                return
            self._refreshed_at = time.monotonic()
            self._refreshing = asyncio.create_task(self._reload())
        await asyncio.wait({self._refreshing}, timeout=_MAX_WAIT)

    async def _reload(self) -> None:
        try:
            name = await run_in_threadpool(self._read)
        except (DatabaseError, OSError):
            return
        self.name = name or self.name


class DefaultPublicationMiddleware:
    """Has the house asked for before each answer of `app`."""

    def __init__(self, app: ASGIApp, default_publication: DefaultPublication) -> None:
        self.app = app
        self.default_publication = default_publication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self.default_publication.refresh()
        await self.app(scope, receive, send)
