"""The journal: what was approved, who it was for, and what became of each of them. What is promised is kept here."""

from pvd_mailer.journal.account import Account, account
from pvd_mailer.journal.dispatches import Dispatch, UnknownDispatchError
from pvd_mailer.journal.seal import Seal

__all__ = ["Account", "Dispatch", "Seal", "UnknownDispatchError", "account"]
