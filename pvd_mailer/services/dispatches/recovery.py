"""What a send left open: batches that were in flight, recipients who are unknown, refused ones to try again."""

from collections.abc import Collection
from contextlib import suppress

from pvd_mailer import clock
from pvd_mailer.database.lock import SenderBusyError, is_sender_running, sender_lock
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, DispatchTotals, batches, count_recipients, dispatches
from pvd_mailer.journal.queries.open_batches import has_batch_in_flight
from pvd_mailer.journal.reconciliation import from_events, resolution
from pvd_mailer.send.channels import FailureCause
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import ensure_sent_file_known, update_sent_file
from pvd_mailer.subscribers.mutations import lock_subscribers

__all__ = ["mark_lost_batches_unknown", "requeue_refused", "resolve_unknown"]


def requeue_refused(context: AppContext, dispatch: Dispatch) -> int:
    """Make the refused whom another attempt may reach pending again; how many.

    Raises:
        ForeignSendError: as `ensure_sent_file_known` raises it; nothing was changed.
    """
    with sender_lock(context.database):
        ensure_sent_file_known(context, dispatch)
        with context.database.write() as connection:
            lock_subscribers(connection)  # an approval at the same moment would take the same people
            return resolution.make_refused_pending(connection, dispatch, clock.now())


def mark_lost_batches_unknown(context: AppContext) -> None:
    """Call unknown what a sender left in flight, if no sender lives: so nobody takes it for being on its way."""
    if not is_sender_running(context.database):
        with context.database.read() as connection:
            has_in_flight = has_batch_in_flight(connection)
        if has_in_flight:
            with (
                suppress(SenderBusyError),  # one has begun since
                sender_lock(context.database, patience=0),
                context.database.write() as connection,
            ):
                now = clock.now()
                from_events.reconcile_dispatches(
                    connection, batches.mark_in_flight_unknown(connection, FailureCause.KILLED, now), now
                )


def resolve_unknown(
    context: AppContext,
    dispatch: Dispatch,
    *,
    accepted: bool,
    cause: str | None,
    resolver: str,
    only_addresses: Collection[str] | None = None,
) -> tuple[int, DispatchTotals]:
    """Settle the unknown as a person says: as having the letter, or to be sent again; how many, and the totals.

    Args:
        context: Where.
        dispatch: Whose unknown.
        accepted: They have the letter; else they do not.
        cause: Only those of this cause.
        resolver: Who says so.
        only_addresses: Only those with these canonical addresses.

    Raises:
        WrongUsageError: some were in flight until now, so that nobody can have looked at them.
        ForeignSendError: as `ensure_sent_file_known` raises it; nothing was changed.
        SentFileError: it is done, and the record beside the issue could not be written.
    """
    now = clock.now()
    with sender_lock(context.database):
        ensure_sent_file_known(context, dispatch)
        with context.database.write() as connection:
            lost_count = batches.mark_in_flight_unknown(connection, FailureCause.KILLED, now)[dispatch.id]
            from_events.reconcile_dispatches(connection, {dispatch.id}, now)
        if lost_count and not accepted:
            raise WrongUsageError(
                _("a send was stopped with {n} recipients in flight: they are unknown since this moment").format(
                    n=lost_count
                ),
                _(
                    "Look at `pvd-mailer status {id}` and at the provider's list, then run the same command again."
                ).format(id=dispatch.id),
            )
        with context.database.write() as connection:
            dispatch = dispatches.find_dispatch(connection, dispatch.id)
            if accepted:
                count = resolution.mark_unknown_accepted(
                    connection, dispatch.id, now, by=resolver, cause=cause, only=only_addresses
                )
            else:
                count = resolution.make_unknown_pending(
                    connection, dispatch, now, by=resolver, cause=cause, only=only_addresses
                )
            totals = count_recipients(connection, dispatch.id)
        if dispatch.started_at:
            update_sent_file(context, dispatch)
    return count, totals
