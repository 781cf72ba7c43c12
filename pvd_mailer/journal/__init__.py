"""The journal: what was approved, who it was for, and what became of each of them. What is promised is kept here."""

from pvd_mailer.journal.account import DispatchTotals, count_recipients
from pvd_mailer.journal.dispatches import Dispatch, UnknownDispatchError
from pvd_mailer.journal.seal import ApprovalRecord

__all__ = ["ApprovalRecord", "Dispatch", "DispatchTotals", "UnknownDispatchError", "count_recipients"]
