"""A reader's own page: whose it is, and what changes on it."""

from dataclasses import dataclass

from pvd_mailer import clock
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.readers.unsubscribe import SOURCE_SITE
from pvd_mailer.subscribers import signup_requests
from pvd_mailer.subscribers.bounces import SOFT_BOUNCES
from pvd_mailer.subscribers.mutations import SubscriberUpdate, update_subscribers
from pvd_mailer.subscribers.queries import Subscriber, find_subscriber, tags_of

__all__ = [
    "SOFT_BOUNCES",
    "PageOwner",
    "SubscriberUpdate",
    "TagValues",
    "find_owner",
    "update_reader",
]

TagValues = dict[str, tuple[str, ...]]
"""Values by the key of a tag."""


@dataclass(frozen=True, slots=True)
class PageOwner:
    """Whose page it is.

    Attributes:
        publication: Where they asked for its link.
        address_key: The canonical address that the link was sent to.
        subscriber: None where they are not on the list.
        tags: Theirs; empty where they are not on the list.
    """

    publication: str
    address_key: str
    subscriber: Subscriber | None
    tags: TagValues


def find_owner(context: AppContext, request_ref: str) -> PageOwner | None:
    """Whose page the link of the request `request_ref` opens; None once its time is over.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        request = signup_requests.find_request(connection, request_ref, clock.now())
        if request is None:
            return None
        subscriber = find_subscriber(connection, request.person.address.key)
        tags = tags_of(connection, [subscriber.id])[subscriber.id] if subscriber else {}
    return PageOwner(request.publication, request.person.address.key, subscriber, tags)


def update_reader(context: AppContext, update: SubscriberUpdate) -> None:
    """Write down what a reader changed at the site.

    Raises:
        DatabaseError: it cannot be written.
    """
    with context.database.write() as connection:
        update_subscribers(connection, [update], clock.now(), SOURCE_SITE)
