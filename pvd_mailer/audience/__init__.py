"""Who the letter goes to: subscribers, why they may be written to, and who of them a filter finds."""

from pvd_mailer.audience.csvlist import Recipient, read_list
from pvd_mailer.audience.filters import Filter, parse
from pvd_mailer.audience.subscribers import Subscriber, left_out, matching

__all__ = ["Filter", "Recipient", "Subscriber", "left_out", "matching", "parse", "read_list"]
