"""What a mail server's reply means (RFC 5321, and RFC 3463 where it gives an enhanced code)."""

import re
from enum import Enum, auto

from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause
from pvd_mailer.send.channels.reasons import redact

__all__ = ["CLOSING_CODE", "SmtpStage", "is_login_refusal", "refusal_result", "reply_text"]

CLOSING_CODE = 421
"""The server hangs up, whatever it was asked."""
LOGIN_CODES = {530, 534, 535, 538}
"""RFC 4954: log in first, or not like this."""
PERMANENT_FROM = 500
TEMPORARY_FROM = 400


class SmtpStage(Enum):
    """What the server was asked when it said no."""

    MAIL = auto()
    RCPT = auto()
    DATA = auto()


def is_login_refusal(code: int) -> bool:
    """Whether a reply says that this login may not send."""
    return code in LOGIN_CODES


def reply_text(code: int, reply: bytes, address: str = "") -> str:
    """The server's own words, without the recipient's address or the name in it."""
    local = address.rpartition("@")[0]
    text = redact(reply.decode("utf-8", "replace"), without=(address, local))
    return f"{code} {text}".strip()


def refusal_result(stage: SmtpStage, code: int, reply: bytes, address: str) -> DeliveryResult:
    """What a 4xx or 5xx at `stage` means for the recipient, and anything that is no reply for its message."""
    reason = reply_text(code, reply, address)
    enhanced = re.match(rb"([245]\.\d{1,3}\.\d{1,3})\b", reply)
    status = enhanced[1].decode("ascii") if enhanced else ""
    if TEMPORARY_FROM <= code < PERMANENT_FROM or status.startswith(("4.", "5.2.2")):  # 5.2.2: a full mailbox
        return DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.BUSY, reason, retryable=True)
    if PERMANENT_FROM <= code < PERMANENT_FROM + 100:
        # 5.7: a policy, such as a server that does not relay. It says nothing of the address.
        if stage is SmtpStage.RCPT and not status.startswith("5.7."):
            return DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.ADDRESS, reason, status=status)
        return DeliveryResult(
            DeliveryOutcome.REFUSED, FailureCause.MESSAGE, reason, retryable=True, is_fatal=stage is SmtpStage.MAIL
        )
    if stage is SmtpStage.DATA:
        return DeliveryResult(
            DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, _("the server's reply means neither yes nor no")
        )
    return DeliveryResult(
        DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, _("the server's reply means neither yes nor no")
    )
