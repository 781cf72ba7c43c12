"""Unsubscribes that come in at the same time share one transaction; each is answered when it is durable."""

from pvd_mailer.services.context import AppContext
from pvd_mailer.services.machine.readiness import DatabaseError, busy_error
from pvd_mailer.services.readers.unsubscribe import UnsubscribeResult, unsubscribe
from pvd_mailer.site.jobs.group_commit import GroupCommitter

__all__ = ["UnsubscribeBatcher"]

_MAX_BATCH = 200
"""People in one transaction."""
ANSWER_TIMEOUT = 10.0
"""In seconds: how long somebody waits for an answer. What they want is tried on all the same."""


class UnsubscribeBatcher:
    """Unsubscribes readers, many in one transaction; used from one event loop."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        # Nobody is turned away: how many can wait is bounded by the connections that there can be.
        self._committer = GroupCommitter(self._write_with_retry, max_group=_MAX_BATCH)

    async def unsubscribe(self, ref: str) -> UnsubscribeResult:
        """Let somebody go. When this returns, no crash can undo it.

        Raises:
            DatabaseError: it could not be written, or not yet: nobody is told that they left who may not have.
        """
        try:
            return await self._committer.submit(ref, ANSWER_TIMEOUT)
        except TimeoutError:
            raise busy_error(self._context) from None

    def _write_with_retry(self, refs: list[str]) -> list[UnsubscribeResult]:
        try:
            results = unsubscribe(self._context, refs)
        except DatabaseError:  # a lock that was waited for in vain, a connection that was cut: it may be over
            results = unsubscribe(self._context, refs)
        return [results[ref] for ref in refs]
