"""Why a message was not accepted, in words that give nobody away."""

from pvd_mailer.discretion import tidy
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Cause, Outcome, Result

__all__ = ["interrupted", "no_address", "tidy"]


def interrupted(outcome: Outcome) -> Result:
    """What is said where somebody ended the send: NOT_SENT before the message went out, UNKNOWN before its answer."""
    return Result(outcome, Cause.INTERRUPTED, _("the send was interrupted"))


def no_address() -> Result:
    """The result for an address that cannot be written to, whatever the channel."""
    return Result(Outcome.REFUSED, Cause.ADDRESS, _("this is no address that mail can be sent to"))
