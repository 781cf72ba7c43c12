"""Who the letter goes to: subscribers, why they may be written to, and who of them a filter finds."""

from pvd_mailer.audience.filters import Filter, parse
from pvd_mailer.audience.subscribers import Subscriber, left_out, matching

__all__ = ["Filter", "Subscriber", "left_out", "matching", "parse"]
