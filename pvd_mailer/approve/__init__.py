"""Approval: what somebody said yes to is written down, and held against what is there when it is to leave.

Hands on `create_approval`, which freezes letter and audience in one transaction, and `stale_reasons`, which says what
has changed since. It renders nothing and sends nothing; what the letter is made of it is given.
"""

from pvd_mailer.approve.approval import Approval, ApprovalRequest, create_approval, store_letter
from pvd_mailer.approve.source_digests import source_digests
from pvd_mailer.approve.staleness import stale_reasons

__all__ = ["Approval", "ApprovalRequest", "create_approval", "source_digests", "stale_reasons", "store_letter"]
