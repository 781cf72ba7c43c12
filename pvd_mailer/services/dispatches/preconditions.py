"""What has to hold before the first message of an approved letter leaves."""

from datetime import timedelta
from typing import Final

from pvd_mailer import clock
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, dispatches
from pvd_mailer.send.channels import Channel
from pvd_mailer.services.approvals.inputs import changes_since_approval
from pvd_mailer.services.context import AppContext

__all__ = ["MAX_START_DELAY", "ApprovalVoidError", "LateError", "ensure_sendable"]

MAX_START_DELAY: Final = timedelta(hours=6)
"""How long after the moment that was set a send still begins, or goes on, without asking."""


class ApprovalVoidError(PvdError):
    """Something changed since the approval; it is void from now on."""

    exit_code = 1


class LateError(PvdError):
    """The moment that was set is too long ago to go on without asking."""

    exit_code = 1


def ensure_sendable(context: AppContext, dispatch: Dispatch, channel: Channel, *, allow_late: bool) -> None:
    """Look that all holds that has to before the first message of an approval leaves; what changed voids it.

    Raises:
        LateError: the moment that was set is more than 6 hours ago, and `allow_late` does not say so.
        ApprovalVoidError: something changed since.
    """
    now = clock.now()
    if dispatch.start_at and now - dispatch.start_at > MAX_START_DELAY and not allow_late:
        raise LateError(
            _("the send was set for {moment}, more than 6 hours ago").format(moment=dispatch.start_at.isoformat()),
            _("If the letter is still timely, say so with --late."),
        )
    folder = context.workspace.issue(str(dispatch.number))
    changes = changes_since_approval(context, folder, dispatch, channel.identity)
    if changes:
        with context.database.write() as connection:
            dispatches.mark_void(connection, dispatch.id, "; ".join(changes), now)
        raise ApprovalVoidError(
            _("the approval is void: {changes}").format(changes="; ".join(changes)),
            _("Look at the letter again (`pvd-mailer preview`), then approve it again."),
        )
