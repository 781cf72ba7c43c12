"""Why a message was not accepted, in words that give nobody away."""

from pvd_mailer.discretion import tidy
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Cause, Outcome, Result

__all__ = ["no_address", "tidy"]


def no_address() -> Result:
    """The result for an address that cannot be written to, whatever the channel."""
    return Result(Outcome.REFUSED, Cause.ADDRESS, _("this is no address that mail can be sent to"))
