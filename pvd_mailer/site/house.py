"""Which publication speaks where a page is of none: the one whose letter was sent last, asked while the site runs."""

import asyncio
import time
from collections.abc import Collection
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from pvd_mailer.database import Database, DatabaseError
from pvd_mailer.journal import dispatches

__all__ = ["House", "Housed"]

FRESH: Final = 1.0
"""In seconds: how long an answer of the database is good."""
PATIENCE: Final = 0.5
"""In seconds: how long a request waits for it; the answer before stands where the database takes longer."""


class House:
    """The publication that was sent last, else the one that comes first."""

    def __init__(self, database: Database, names: Collection[str]) -> None:
        """Ask once.

        Raises:
            DatabaseError: the database stands in the way.
        """
        self._database = database
        self._names = list(names)
        self._asked_at = time.monotonic()
        self._asking: asyncio.Task[None] | None = None
        self.name = self._read() or self._names[0]

    def _read(self) -> str | None:
        with self._database.read() as connection:
            return dispatches.last_publication(connection, self._names)

    async def ask(self) -> None:
        """Ask again, unless that was done a moment ago; a database that is slow or gone is not waited for."""
        if self._asking is None or self._asking.done():
            if time.monotonic() - self._asked_at < FRESH:
                return
            self._asked_at = time.monotonic()
            self._asking = asyncio.create_task(self._look())
        await asyncio.wait({self._asking}, timeout=PATIENCE)

    async def _look(self) -> None:
        try:
            found = await run_in_threadpool(self._read)
        except (DatabaseError, OSError):
            return
        self.name = found or self.name


class Housed:
    """Has the house asked for before each answer of `app`."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await self.house.ask()
        await self.app(scope, receive, send)
