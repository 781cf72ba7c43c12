"""Approving: what was seen is sealed, and what was sealed is held against what is there when it is to leave."""

from pvd_mailer.approve.gate import stale_reasons
from pvd_mailer.approve.seal import Approval, ApprovalRequest, create_approval, store_letter
from pvd_mailer.approve.sources import source_digests

__all__ = ["Approval", "ApprovalRequest", "create_approval", "source_digests", "stale_reasons", "store_letter"]
