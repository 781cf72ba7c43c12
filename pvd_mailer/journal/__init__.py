"""The journal: what was approved, who it was for, and what became of each of them. What is promised is kept here.

Hands on dispatches, batches and events as rows that change by compare-and-swap, in the transaction of the caller. The
rules are in the schema, as triggers and one index. It must never call a channel, nor decide whether to send.
"""

from pvd_mailer.journal.approval_record import ApprovalRecord
from pvd_mailer.journal.dispatch_log import LogEntry
from pvd_mailer.journal.dispatches import Dispatch, UnknownDispatchError
from pvd_mailer.journal.queries.totals import DispatchTotals, count_recipients

__all__ = ["ApprovalRecord", "Dispatch", "DispatchTotals", "LogEntry", "UnknownDispatchError", "count_recipients"]
