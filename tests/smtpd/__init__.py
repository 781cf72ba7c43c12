"""A mail server on loopback that keeps a ledger and fails on order.

`python -m tests.smtpd --port 0 --ledger FILE` runs it as a process of its own; its first line is the port.
"""

from tests.smtpd.certificate import certificate
from tests.smtpd.server import FAULTS, MailServer

__all__ = ["FAULTS", "MailServer", "certificate"]
