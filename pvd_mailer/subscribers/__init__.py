"""Who the letter goes to: subscribers, why they may be written to, and who of them a filter finds."""

from pvd_mailer.subscribers.filters import AudienceFilter, parse_filter
from pvd_mailer.subscribers.queries import Subscriber, count_suppressed, matching_subscribers

__all__ = ["AudienceFilter", "Subscriber", "count_suppressed", "matching_subscribers", "parse_filter"]
