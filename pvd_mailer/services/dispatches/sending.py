"""Sending what was approved, or going on with it: the run, and the record beside the issue."""

from collections.abc import Callable
from contextlib import suppress

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, dispatches
from pvd_mailer.send.channels import Channel
from pvd_mailer.send.runner import SendRun, run_dispatch
from pvd_mailer.send.sent_file import SentFileError, SentFileUnwritableError
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.preconditions import ensure_sendable
from pvd_mailer.services.dispatches.send_errors import send_stopped_error, sent_file_not_written_error
from pvd_mailer.services.dispatches.sent_file import ensure_sent_file_known, sent_file_writer, update_sent_file

__all__ = ["send_dispatch"]


def send_dispatch(
    context: AppContext,
    dispatch: Dispatch,
    channel: Channel,
    *,
    rate: int | None = None,
    allow_late: bool = False,
    watch: Callable[[SendRun], None] = lambda _run: None,
) -> SendRun:
    """Send an approved dispatch, or go on with one.

    Raises:
        ApprovalVoidError: something changed before the start.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
        SentFileUnwritableError: the record cannot be written; whatever it does not tell of has not left.
        LateError: the moment that was set is more than 6 hours ago.
        SenderBusyError: another sender is at work.
        SendStoppedError: the database or the record could not be written on the way.
        DispatchTakenOverError: this sender was taken for dead on the way.
    """
    with sender_lock(context.database) as lock:
        with context.database.read() as connection:
            dispatch = dispatches.find_dispatch(connection, dispatch.id)  # as it is now that nobody else changes it
        ensure_sent_file_known(context, dispatch)
        if dispatch.state is DispatchState.APPROVED:
            ensure_sendable(context, dispatch, channel, allow_late=allow_late)
        elif channel.identity != dispatch.approval.channel_identity:
            raise WrongUsageError(
                _("the channel is another one: {now} instead of {then}").format(
                    now=channel.identity, then=dispatch.approval.channel_identity
                ),
                _("Set it back; or cancel this dispatch and approve the letter for those who are left."),
            )
        write_sent_file = sent_file_writer(context, dispatch)
        pace = rate or context.settings.rate
        has_begun = False

        def recorded(run: SendRun, calls: int) -> None:
            nonlocal has_begun
            write_sent_file(run, calls)
            has_begun = True

        try:
            run = run_dispatch(
                context.database,
                dispatch.id,
                channel,
                context.keys,
                lock,
                record_calls=recorded,
                rate=pace,
                on_progress=watch,
            )
        except BaseException as error:
            if has_begun:  # something may have left
                with suppress(PvdError):  # what ended the run is what has to be told
                    update_sent_file(context, dispatch)
                if isinstance(error, DatabaseError | SentFileUnwritableError):
                    raise send_stopped_error(context, dispatch.id, error) from error
            raise
        try:
            update_sent_file(context, dispatch)
        except SentFileError as error:
            raise sent_file_not_written_error(context, dispatch.id, error) from error
        return run
