"""Why a message was not accepted, in words that give nobody away."""

from pvd_mailer.i18n import _
from pvd_mailer.redact import redact
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause

__all__ = ["interrupted_result", "invalid_address_result", "redact"]


def interrupted_result(outcome: DeliveryOutcome) -> DeliveryResult:
    """What is said where somebody ended the send: NOT_SENT before the message went out, UNKNOWN before its answer."""
    return DeliveryResult(outcome, FailureCause.INTERRUPTED, _("the send was interrupted"))


def invalid_address_result() -> DeliveryResult:
    """The result for an address that cannot be written to, whatever the channel."""
    return DeliveryResult(
        DeliveryOutcome.REFUSED, FailureCause.ADDRESS, _("this is no address that mail can be sent to")
    )
