"""Approving: what was seen is sealed, and what was sealed is held against what is there when it is to leave."""

from pvd_mailer.approve.gate import changes
from pvd_mailer.approve.seal import Approval, Request, keep, seal
from pvd_mailer.approve.sources import digests

__all__ = ["Approval", "Request", "changes", "digests", "keep", "seal"]
