"""A SendGrid on loopback that enforces every limit, says no as the real one, and fails on order.

`python -m tests.sendgrid --port 0 --ledger FILE` runs it as a process of its own; its first line is the port.
"""

from tests.sendgrid.faults import FAULTS, Mix
from tests.sendgrid.ledger import Accepted, Ledger, read_ledger
from tests.sendgrid.server import FakeSendGrid

__all__ = ["FAULTS", "Accepted", "FakeSendGrid", "Ledger", "Mix", "read_ledger"]
