"""Subscribers: who may be written to, on which legal basis, and what changes that: sign-ups, unsubscribes, bounces.

Hands on `AudienceFilter`, which is read from text, and the subscribers that it matches. Every change leaves a line in
the person's history. It must never know a letter, a dispatch beyond its recipients, or how mail travels.
"""

from pvd_mailer.subscribers.filters import AudienceFilter, parse_filter
from pvd_mailer.subscribers.queries import Subscriber, count_suppressed, matching_subscribers

__all__ = ["AudienceFilter", "Subscriber", "count_suppressed", "matching_subscribers", "parse_filter"]
