"""What is said of a send that stopped on the way: as far as the journal can be read, who has the letter and who may."""

from contextlib import suppress

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.states import RecipientState
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import DispatchTotals, count_recipients
from pvd_mailer.report.numbers import format_number
from pvd_mailer.send.sent_file import SENT_FILE, SentFileError, SentFileUnwritableError
from pvd_mailer.services.context import AppContext

__all__ = ["SendStoppedError", "send_stopped_error", "sent_file_not_written_error"]


class SendStoppedError(PvdError):
    """A send did not come to its end, or its record beside the issue did not."""


def send_stopped_error(
    context: AppContext, dispatch_id: str, error: DatabaseError | SentFileUnwritableError
) -> SendStoppedError:
    """What is said where the database or the record could not be written in the middle of a send."""
    return SendStoppedError(
        _("{reason}, in the middle of the send").format(reason=error) + _totals_line(context, dispatch_id),
        _(
            "If no space is left on the disk, make room; else put right what is named above. Then go on:"
            " pvd-mailer resume {id}"
        ).format(id=dispatch_id),
    )


def sent_file_not_written_error(context: AppContext, dispatch_id: str, error: SentFileError) -> SendStoppedError:
    """What is said where a send came to its end, whichever, and its record could not be brought up to date."""
    return SendStoppedError(
        _("the send has ended; only {file} could not be written beside the issue: {reason}").format(
            file=SENT_FILE, reason=error.why
        )
        + _totals_line(context, dispatch_id),
        _("Put the issue's folder back, or make room; the next command on this dispatch writes it."),
    )


def _totals_line(context: AppContext, dispatch_id: str) -> str:
    """The account in one line, as far as it can be read."""
    totals: DispatchTotals | None = None
    with suppress(PvdError), context.database.read() as connection:
        totals = count_recipients(connection, dispatch_id)
    if totals is None:
        return ""
    unknown = totals.states[RecipientState.UNKNOWN] + totals.states[RecipientState.SENDING]
    line = _("{accepted} of {audience} accepted, {unknown} unknown, {pending} still to send")
    return "\n  " + line.format(
        accepted=format_number(totals.states[RecipientState.ACCEPTED]),
        audience=format_number(totals.audience),
        unknown=format_number(unknown),
        pending=format_number(totals.states[RecipientState.PENDING]),
    )
