"""Writes into the journal that are tried again: an answer of a channel is in hand, and must not be lost."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from pvd_mailer.database import DatabaseError

__all__ = ["retry_write"]

WRITE_ATTEMPTS = 5
_FIRST_DELAY = 0.4
"""Seconds; doubled each time."""
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def retry_write(write: Callable[[], _T]) -> _T:
    """What `write` gives, called again while the database cannot be used: six seconds in all.

    By hand and not from a library: it is ten lines, and knows one error. A wait is told to the log at INFO, for
    standard error is the person's, and only what stays wrong needs their attention.

    Raises:
        DatabaseError: of the last attempt.
    """
    for attempt in range(1, WRITE_ATTEMPTS):
        try:
            return write()
        except DatabaseError as error:
            delay = _FIRST_DELAY * 2 ** (attempt - 1)
            _log.info(
                "The journal cannot be written (%s); attempt %d of %d, the next one in %.1f s",
                type(error.__cause__ or error).__name__,
                attempt,
                WRITE_ATTEMPTS,
                delay,
            )
            time.sleep(delay)
    return write()
