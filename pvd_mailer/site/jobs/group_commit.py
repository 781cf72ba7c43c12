"""What comes in at the same time shares one transaction; each part of it is answered when it is durable.

A disk or a server takes its time for a commit, whatever is in it. So whatever comes while one is under way waits for
the next, together with all else that does; what comes alone is committed at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from pvd_mailer.services.machine.readiness import DatabaseError

__all__ = ["GroupCommitter", "QueueFullError"]

_Entry = TypeVar("_Entry")
_Result = TypeVar("_Result")


class QueueFullError(Exception):
    """As much waits already as may wait."""


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[_Entry, _Result]):
    """An entry, and who waits for its result."""

    entry: _Entry
    weight: int
    future: "asyncio.Future[_Result]"


class GroupCommitter(Generic[_Entry, _Result]):
    """Stores entries in groups, one group at a time, in the order in which they came; used from one event loop.

    Args:
        store: Stores entries in one transaction, all of them or none, and gives the result of each, in their order.
            Called in a thread.
        max_group: What the entries of one group may weigh together; a single one may weigh more.
        max_waiting: What may wait, likewise; None where something else bounds it.
        weigh: What an entry weighs.
    """

    def __init__(
        self,
        store: Callable[[list[_Entry]], Sequence[_Result]],
        *,
        max_group: int,
        max_waiting: int | None = None,
        weigh: Callable[[_Entry], int] = lambda _entry: 1,
    ) -> None:
        self._store = store
        self._max_group = max_group
        self._max_waiting = max_waiting
        self._weigh = weigh
        self._queue: deque[_Waiting[_Entry, _Result]] = deque()
        self._queued_weight = 0
        self._task: asyncio.Task[None] | None = None

    async def submit(self, entry: _Entry, timeout_seconds: float) -> _Result:
        """Have `entry` stored. When this returns, no crash can undo it.

        Raises:
            QueueFullError: too much waits already; nothing is stored.
            TimeoutError: it takes longer than `timeout_seconds`; it is tried on all the same.
            DatabaseError: it could not be written.
            Exception: what `store` raised for this entry on its own.
        """
        weight = self._weigh(entry)
        if self._max_waiting is not None and self._queue and self._queued_weight + weight > self._max_waiting:
            raise QueueFullError
        waiting: _Waiting[_Entry, _Result] = _Waiting(entry, weight, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._queued_weight += weight
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await asyncio.wait_for(waiting.future, timeout_seconds)

    async def _run(self) -> None:
        while self._queue:
            await self._commit(self._next_group())

    def _next_group(self) -> list[_Waiting[_Entry, _Result]]:
        group = [self._queue.popleft()]
        weight = group[0].weight
        while self._queue and weight + self._queue[0].weight <= self._max_group:
            weight += self._queue[0].weight
            group.append(self._queue.popleft())
        self._queued_weight -= weight
        return group

    async def _commit(self, group: list[_Waiting[_Entry, _Result]]) -> None:
        try:
            results = await run_in_threadpool(self._store, [waiting.entry for waiting in group])
        except Exception as error:  # noqa: BLE001 - each of those who wait is told, and answers in words
            # What stands in the way of one must not keep the others; where the database is gone, it is so for all.
            if len(group) > 1 and not isinstance(error, DatabaseError):
                for waiting in group:
                    await self._commit([waiting])
                return
            for waiting in group:
                if not waiting.future.done():
                    waiting.future.set_exception(error)
            return
        for waiting, result in zip(group, results, strict=True):
            if not waiting.future.done():  # whoever asked may have gone meanwhile
                waiting.future.set_result(result)
