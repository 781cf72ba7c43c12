"""The journal: what was approved, who it was for, and what became of each of them. What is promised is kept here."""

from pvd_mailer.journal.approval_record import ApprovalRecord
from pvd_mailer.journal.dispatches import Dispatch, LogEntry, UnknownDispatchError
from pvd_mailer.journal.queries.totals import DispatchTotals, count_recipients

__all__ = ["ApprovalRecord", "Dispatch", "DispatchTotals", "LogEntry", "UnknownDispatchError", "count_recipients"]
