"""What a person decides of a dispatch: when it begins, that it pauses, that it is called off."""

from datetime import datetime

from pvd_mailer import clock
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, dispatches
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import ensure_sent_file_known, update_sent_file_if_idle

__all__ = ["cancel_dispatch", "pause_dispatch", "schedule_dispatch"]

_PAUSED_BY_HAND = "by-hand"
"""Why a dispatch is paused that a person paused; the word is translated where it is shown."""


def schedule_dispatch(context: AppContext, dispatch: Dispatch, start_at: datetime, *, by: str = "") -> None:
    """Have an approved dispatch begin at `start_at`.

    Raises:
        WrongUsageError: it has begun, or the moment has passed.
        ForeignSendError: as `ensure_sent_file_known` raises it.
    """
    now = clock.now()
    if start_at <= now:
        raise WrongUsageError(_("that moment has passed"), _("Leave --at out to send now."))
    ensure_sent_file_known(context, dispatch)
    with context.database.write() as connection:
        if not dispatches.set_start(connection, dispatch.id, start_at, now, by=by):
            raise WrongUsageError(
                _("dispatch {id} has begun already").format(id=dispatch.id),
                _("`pvd-mailer status` shows how far it is."),
            )


def pause_dispatch(context: AppContext, dispatch_id: str) -> bool:
    """Have a running dispatch stop after the calls in flight; False where it is not running."""
    with context.database.write() as connection:
        dispatches.find_dispatch(connection, dispatch_id)
        return dispatches.mark_paused(connection, dispatch_id, _PAUSED_BY_HAND, clock.now())


def cancel_dispatch(context: AppContext, dispatch_id: str) -> bool:
    """Call a dispatch off; False where there is nothing to call off.

    Raises:
        ForeignSendError: as `ensure_sent_file_known` raises it; nothing was changed.
        SentFileError: it is done, and the record beside the issue could not be written.
    """
    with context.database.read() as connection:
        dispatch = dispatches.find_dispatch(connection, dispatch_id)
    ensure_sent_file_known(context, dispatch)
    with context.database.write() as connection:
        is_cancelled = dispatches.mark_cancelled(connection, dispatch_id, clock.now())
    if is_cancelled and dispatch.started_at:
        update_sent_file_if_idle(context, dispatch)
    return is_cancelled
