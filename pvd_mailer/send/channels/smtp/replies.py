"""What a mail server's reply means (RFC 5321, and RFC 3463 where it gives an enhanced code)."""

import re
from enum import Enum, auto

from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Cause, Outcome, Result
from pvd_mailer.send.channels.reasons import tidy

__all__ = ["CLOSING", "Stage", "is_login", "refusal", "words"]

CLOSING = 421
"""The server hangs up, whatever it was asked."""
LOGIN = {530, 534, 535, 538}
"""RFC 4954: log in first, or not like this."""
PERMANENT = 500
TEMPORARY = 400


class Stage(Enum):
    """What the server was asked when it said no."""

    MAIL = auto()
    RCPT = auto()
    DATA = auto()


def is_login(code: int) -> bool:
    """Whether a reply says that this login may not send."""
    return code in LOGIN


def words(code: int, reply: bytes, address: str = "") -> str:
    """The server's own words, without the recipient's address or the name in it."""
    local = address.rpartition("@")[0]
    said = tidy(reply.decode("utf-8", "replace"), without=(address, local))
    return f"{code} {said}".strip()


def refusal(stage: Stage, code: int, reply: bytes, address: str) -> Result:
    """What a 4xx or 5xx at `stage` means for the recipient, and anything that is no reply for its message."""
    reason = words(code, reply, address)
    enhanced = re.match(rb"([245]\.\d{1,3}\.\d{1,3})\b", reply)
    detail = enhanced[1].decode("ascii") if enhanced else ""
    if TEMPORARY <= code < PERMANENT or detail.startswith(("4.", "5.2.2")):  # 5.2.2: a full mailbox
        return Result(Outcome.REFUSED, Cause.BUSY, reason, retryable=True)
    if PERMANENT <= code < PERMANENT + 100:
        # 5.7: a policy, such as a server that does not relay. It says nothing of the address.
        if stage is Stage.RCPT and not detail.startswith("5.7."):
            return Result(Outcome.REFUSED, Cause.ADDRESS, reason, status=detail)
        return Result(Outcome.REFUSED, Cause.MESSAGE, reason, retryable=True, halts=stage is Stage.MAIL)
    if stage is Stage.DATA:
        return Result(Outcome.UNKNOWN, Cause.UNCLEAR, _("the server's reply means neither yes nor no"))
    return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, _("the server's reply means neither yes nor no"))
