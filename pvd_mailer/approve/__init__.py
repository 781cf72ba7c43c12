"""Approving: what was seen is sealed, and what was sealed is held against what is there when it is to leave."""

from pvd_mailer.approve.approval import Approval, ApprovalRequest, create_approval, store_letter
from pvd_mailer.approve.source_digests import source_digests
from pvd_mailer.approve.staleness import stale_reasons

__all__ = ["Approval", "ApprovalRequest", "create_approval", "source_digests", "stale_reasons", "store_letter"]
