"""The codes by which mail servers say why (RFC 3463), as far as a decision hangs on them."""

import re

__all__ = ["find_enhanced_status", "is_hard_status"]

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)", re.ASCII)
_HARD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
"""No such mailbox, no such domain, no address at all, moved away, a domain that takes no mail (RFC 7505), a mailbox
that is closed. Not 5.1.7 and 5.1.8, which are about the sender, nor 5.2.2, a full mailbox, nor 5.7, a policy."""


def find_enhanced_status(text: str) -> str:
    """The first status in what a server said; empty where there is none."""
    match = _STATUS.search(text[:2000])
    return match[1] if match else ""


def is_hard_status(status: str) -> bool:
    """Whether mail to this address will never arrive, whatever the letter."""
    return status in _HARD
