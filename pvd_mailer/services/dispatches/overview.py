"""What a person sees of dispatches: one with its totals, all of them, its log, its recipients by name."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pvd_mailer.database.lock import is_sender_running
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import Dispatch, DispatchTotals, count_recipients, dispatches
from pvd_mailer.journal.dispatch_log import LogEntry, read_log
from pvd_mailer.journal.queries.open_batches import has_open_batch
from pvd_mailer.journal.queries.recipients import RecipientStatus, recipient_statuses
from pvd_mailer.send.sent_file import SentDispatch
from pvd_mailer.services.context import AppContext

__all__ = [
    "RecipientList",
    "all_dispatches",
    "get_dispatch",
    "get_log",
    "get_totals",
    "has_unsent_batch",
    "is_sender_at_work",
    "open_recipients",
]


def get_dispatch(context: AppContext, dispatch_id: str) -> Dispatch:
    """The dispatch with that id.

    Raises:
        UnknownDispatchError: there is none.
    """
    with context.database.read() as connection:
        return dispatches.find_dispatch(connection, dispatch_id)


def get_totals(context: AppContext, dispatch_id: str) -> SentDispatch:
    """The dispatch with that id and its totals, as of one moment.

    Raises:
        UnknownDispatchError: there is none.
    """
    with context.database.read() as connection:
        return SentDispatch(
            dispatches.find_dispatch(connection, dispatch_id), count_recipients(connection, dispatch_id)
        )


def all_dispatches(context: AppContext) -> list[SentDispatch]:
    """Every dispatch and its totals, the newest first."""
    with context.database.read() as connection:
        found = dispatches.dispatches_in_state(connection, list(DispatchState))
        return [SentDispatch(dispatch, count_recipients(connection, dispatch.id)) for dispatch in found]


def get_log(context: AppContext, dispatch_id: str) -> list[LogEntry]:
    """What was done with a dispatch, in the order of time."""
    with context.database.read() as connection:
        return read_log(connection, dispatch_id)


def has_unsent_batch(context: AppContext, dispatch_id: str) -> bool:
    """Whether a batch of the dispatch is still to be sent, or in flight."""
    with context.database.read() as connection:
        return has_open_batch(connection, dispatch_id)


def is_sender_at_work(context: AppContext) -> bool:
    """Whether a sender holds the lock of the database, in this process or in another one."""
    return is_sender_running(context.database)


@dataclass(frozen=True, slots=True)
class RecipientList:
    """Recipients of a dispatch by name.

    Attributes:
        dispatch: Which.
        totals: Of all its recipients.
        rows: The recipients asked for, by state and cause; read while the transaction is open, and once.
    """

    dispatch: Dispatch
    totals: DispatchTotals
    rows: Iterable[RecipientStatus]


@contextmanager
def open_recipients(
    context: AppContext, dispatch_id: str, states: Sequence[RecipientState], cause: str | None
) -> Iterator[RecipientList]:
    """The recipients of a dispatch in `states`, all or those with `cause`, in one transaction.

    Raises:
        UnknownDispatchError: there is no such dispatch.
    """
    with context.database.read() as connection:
        yield RecipientList(
            dispatches.find_dispatch(connection, dispatch_id),
            count_recipients(connection, dispatch_id),
            recipient_statuses(connection, dispatch_id, states, cause),
        )
