"""Unsubscribes that come in at the same time share one transaction; each is answered when it is durable.

A disk or a server takes its time for a commit, whatever is in it. So whoever comes while one is under way waits for the
next, together with all others who do.
"""

import asyncio

from starlette.concurrency import run_in_threadpool

from pvd_mailer.services.context import AppContext
from pvd_mailer.services.machine.readiness import DatabaseError, busy_error
from pvd_mailer.services.readers.unsubscribe import UnsubscribeResult, unsubscribe

__all__ = ["UnsubscribeBatcher"]

_MAX_BATCH = 200
"""People in one transaction."""
ANSWER_TIMEOUT = 10.0
"""In seconds: how long somebody waits for an answer. What they want is tried on all the same."""


class UnsubscribeBatcher:
    """Unsubscribes readers, many in one transaction; used from one event loop."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._waiting: list[tuple[str, asyncio.Future[UnsubscribeResult]]] = []
        self._task: asyncio.Task[None] | None = None

    async def unsubscribe(self, ref: str) -> UnsubscribeResult:
        """Let somebody go. When this returns, no crash can undo it.

        Raises:
            DatabaseError: it could not be written, or not yet: nobody is told that they left who may not have.
        """
        future: asyncio.Future[UnsubscribeResult] = asyncio.get_running_loop().create_future()
        self._waiting.append((ref, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            return await asyncio.wait_for(future, ANSWER_TIMEOUT)
        except TimeoutError:
            raise busy_error(self._context) from None

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MAX_BATCH], self._waiting[_MAX_BATCH:]
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[str, asyncio.Future[UnsubscribeResult]]]) -> None:
        try:
            results = await run_in_threadpool(self._write_with_retry, [ref for ref, _future in batch])
        except Exception as error:  # noqa: BLE001 - each of those who wait is told, and answers in words
            # What stands in the way of one must not keep the others; where the database is gone, it is so for all.
            if len(batch) > 1 and not isinstance(error, DatabaseError):
                for entry in batch:
                    await self._commit([entry])
                return
            for _ref, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for ref, future in batch:
            if not future.done():  # whoever asked may have gone meanwhile
                future.set_result(results[ref])

    def _write_with_retry(self, refs: list[str]) -> dict[str, UnsubscribeResult]:
        try:
            return unsubscribe(self._context, refs)
        except DatabaseError:  # a lock that was waited for in vain, a connection that was cut: it may be over
            return unsubscribe(self._context, refs)
