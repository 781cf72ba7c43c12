"""Departures that come in at the same time share one transaction; each is answered when it is durable.

A disk or a server takes its time for a commit, whatever is in it. So whoever comes while one is under way waits for the
next, together with all others who do.
"""

import asyncio

from starlette.concurrency import run_in_threadpool

from pvd_mailer import clock
from pvd_mailer.database import Database, DatabaseError, in_use
from pvd_mailer.workflow.leaving import SITE, Left, leave

__all__ = ["Departures"]

MOST = 200
"""People in one transaction."""
ANSWER = 10.0
"""In seconds: how long somebody waits for an answer. What they want is tried on all the same."""


class Departures:
    """Lets people go; used from one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[str, asyncio.Future[Left]]] = []
        self._work: asyncio.Task[None] | None = None

    async def leave(self, ref: str) -> Left:
        """Let somebody go. When this returns, no crash can undo it.

        Raises:
            DatabaseError: it could not be written, or not yet: nobody is told that they left who may not have.
        """
        future: asyncio.Future[Left] = asyncio.get_running_loop().create_future()
        self._waiting.append((ref, future))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._let_go())
        try:
            return await asyncio.wait_for(future, ANSWER)
        except TimeoutError:
            raise in_use(self._database) from None

    async def _let_go(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            await self._commit(group)

    async def _commit(self, group: list[tuple[str, asyncio.Future[Left]]]) -> None:
        try:
            told = await run_in_threadpool(self._write, [ref for ref, _future in group])
        except Exception as error:  # noqa: BLE001 - each of those who wait is told, and answers in words
            # What stands in the way of one must not keep the others; where the database is gone, it is so for all.
            if len(group) > 1 and not isinstance(error, DatabaseError):
                for one in group:
                    await self._commit([one])
                return
            for _ref, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for ref, future in group:
            if not future.done():  # whoever asked may have gone meanwhile
                future.set_result(told[ref])

    def _write(self, refs: list[str]) -> dict[str, Left]:
        try:
            return self._once(refs)
        except DatabaseError:  # a lock that was waited for in vain, a connection that was cut: it may be over
            return self._once(refs)

    def _once(self, refs: list[str]) -> dict[str, Left]:
        with self._database.write() as connection:
            return leave(connection, refs, clock.now(), SITE)
