"""What is said of a send that stopped on the way: as far as the journal can be read, who has the letter and who may."""

from contextlib import suppress

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.states import State
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, account
from pvd_mailer.observe.figures import number
from pvd_mailer.send.record import RECORD, RecordError, UnrecordedError
from pvd_mailer.workflow.office import Office

__all__ = ["StoppedError", "stopped", "unrecorded"]


class StoppedError(PvdError):
    """A send did not come to its end, or its record beside the issue did not."""


def stopped(office: Office, dispatch_id: str, error: DatabaseError | UnrecordedError) -> StoppedError:
    """What is said where the database or the record could not be written in the middle of a send."""
    return StoppedError(
        _("{reason}, in the middle of the send").format(reason=error) + _told(office, dispatch_id),
        _(
            "If no space is left on the disk, make room; else put right what is named above. Then go on:"
            " pvd-mailer resume {id}"
        ).format(id=dispatch_id),
    )


def unrecorded(office: Office, dispatch_id: str, error: RecordError) -> StoppedError:
    """What is said where a send came to its end, whichever, and its record could not be brought up to date."""
    return StoppedError(
        _("the send has ended; only {file} could not be written beside the issue: {reason}").format(
            file=RECORD, reason=error.why
        )
        + _told(office, dispatch_id),
        _("Put the issue's folder back, or make room; the next command on this dispatch writes it."),
    )


def _told(office: Office, dispatch_id: str) -> str:
    """The account in one line, as far as it can be read."""
    told: Account | None = None
    with suppress(PvdError), office.database.read() as connection:
        told = account(connection, dispatch_id)
    if told is None:
        return ""
    maybe = told.states[State.UNKNOWN] + told.states[State.SENDING]
    said = _("{accepted} of {audience} accepted, {unknown} unknown, {pending} still to send")
    return "\n  " + said.format(
        accepted=number(told.states[State.ACCEPTED]),
        audience=number(told.audience),
        unknown=number(maybe),
        pending=number(told.states[State.PENDING]),
    )
