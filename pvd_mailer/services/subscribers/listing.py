"""The list as the team looks at it: all of it, one person, and as a file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pvd_mailer.database import Connection
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.export import export_csv
from pvd_mailer.subscribers.filters import AudienceFilter, require_known_tags
from pvd_mailer.subscribers.queries import (
    HistoryEntry,
    Subscriber,
    all_tag_keys,
    count_by_state,
    find_subscriber,
    read_history,
    subscriber_pages,
    tags_of,
)

__all__ = ["SubscriberDetails", "SubscriberListing", "Tags", "get_subscriber", "open_export", "open_listing"]

Tags = dict[str, tuple[str, ...]]
"""The values of each tag by its key."""


@dataclass(frozen=True, slots=True)
class SubscriberDetails:
    """One person, their tags, and what happened to them, the oldest first."""

    subscriber: Subscriber
    tags: Tags
    history: list[HistoryEntry]


class SubscriberListing:
    """Subscribers whom a filter finds, while the transaction is open."""

    def __init__(self, connection: Connection, audience: AudienceFilter, states: Sequence[SubscriberState]) -> None:
        self._connection = connection
        self._audience = audience
        self._states = tuple(states)

    def tagged_subscribers(self) -> Iterator[tuple[Subscriber, Tags]]:
        """Each person and their tags, in the order of addresses, a page in memory at a time."""
        for page in subscriber_pages(self._connection, self._audience, self._states):
            tags = tags_of(self._connection, [subscriber.id for subscriber in page])
            yield from ((subscriber, tags[subscriber.id]) for subscriber in page)

    def other_counts(self) -> Counter[SubscriberState]:
        """How many more the filter finds, in states that are not listed."""
        counts = count_by_state(self._connection, self._audience)
        return Counter({state: count for state, count in counts.items() if state not in self._states})


@contextmanager
def open_listing(
    context: AppContext, audience: AudienceFilter, states: Sequence[SubscriberState]
) -> Iterator[SubscriberListing]:
    """The subscribers in `states` whom `audience` finds.

    Raises:
        WrongUsageError: the filter names a tag that nobody has.
    """
    with context.database.read() as connection:
        _validate_filter(connection, audience)
        yield SubscriberListing(connection, audience, states)


@contextmanager
def open_export(
    context: AppContext, audience: AudienceFilter, states: Sequence[SubscriberState]
) -> Iterator[Iterator[str]]:
    """The same subscribers as pieces of CSV that Excel opens.

    Raises:
        WrongUsageError: the filter names a tag that nobody has.
    """
    with context.database.read() as connection:
        _validate_filter(connection, audience)
        yield export_csv(connection, audience, tuple(states))


def _validate_filter(connection: Connection, audience: AudienceFilter) -> None:
    if audience.keys:
        require_known_tags(audience, all_tag_keys(connection))


def get_subscriber(context: AppContext, address: Address) -> SubscriberDetails | None:
    """What is known of whoever has that address; None if nobody has."""
    with context.database.read() as connection:
        subscriber = find_subscriber(connection, address.key)
        if subscriber is None:
            return None
        tags = tags_of(connection, [subscriber.id])[subscriber.id]
        return SubscriberDetails(subscriber, tags, read_history(connection, subscriber.id))
