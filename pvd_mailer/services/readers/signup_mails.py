"""The mails that answer what readers ask for at the site: which are due, who sends one, what became of it.

A mail is claimed in the database before it is handed to a channel, so that two processes do not send it twice; and one
whose process died with it in hand is taken up again after a while.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pvd_mailer import clock
from pvd_mailer.database.states import RequestKind, SubscriberState
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult
from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers import signup_requests
from pvd_mailer.subscribers.mailbox_limits import DomainSizes
from pvd_mailer.subscribers.queries import find_subscriber
from pvd_mailer.subscribers.signup_requests import SignupRequest

__all__ = [
    "RETRY_DELAYS",
    "ClaimedMail",
    "DomainSizes",
    "SignupRequest",
    "claim_mail",
    "due_mails",
    "erase_expired_requests",
    "next_mail_at",
    "record_mail",
]

RETRY_DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""How long a mail that did not leave waits before it is tried again; after the last it is given up."""


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that nobody else sends meanwhile.

    Attributes:
        request: What it answers, until when its link is good.
        is_subscribed: Whether the address is subscribed already.
    """

    request: SignupRequest
    is_subscribed: bool


def erase_expired_requests(context: AppContext) -> None:
    """Erase the requests whose time is over, confirmed or not.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.write() as connection:
        signup_requests.purge_expired_requests(connection, clock.now())


def next_mail_at(context: AppContext) -> datetime | None:
    """When the next mail that was put off may be tried again; None where none was.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        return signup_requests.next_due_at(connection)


def due_mails(context: AppContext, limit: int) -> list[SignupRequest]:
    """The requests whose mail is to go out now, the oldest first: at most `limit`.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        return signup_requests.due_requests(connection, clock.now(), limit)


def claim_mail(
    context: AppContext, request: SignupRequest, publications: Collection[str], domains: DomainSizes
) -> ClaimedMail | None:
    """Take the mail of `request` to send it; None where it does not go out now, or another process has it.

    Args:
        context: Where.
        request: As `due_mails` gave it.
        publications: Those that the site speaks for; mails of others never go out.
        domains: Remembers at which domains few people have a mailbox.

    Raises:
        DatabaseError: the database stands in the way.
    """
    now = clock.now()
    with context.database.write() as connection:
        not_before = signup_requests.mail_not_before(connection, request, now, domains)
        if (
            request.attempts > len(RETRY_DELAYS)
            or request.publication not in publications
            or signup_requests.is_too_late_to_mail(request, not_before, now)
            or signup_requests.is_superseded(connection, request)
        ):  # it never goes out
            signup_requests.give_up_mail(connection, request)
            return None
        if not_before > now:
            signup_requests.postpone_request(connection, request, not_before)
            return None
        subscriber = find_subscriber(connection, request.person.address.key)
        is_subscribed = subscriber is not None and subscriber.state is SubscriberState.SUBSCRIBED
        # What opens a person's data is good for a day, whatever was asked for.
        kind = RequestKind.PREFERENCES if is_subscribed else request.kind
        request = replace(request, expires_at=now + signup_requests.LINK_LIFETIMES[kind])
        # Should this process die with the mail in hand, another takes it up after the first wait.
        if not signup_requests.claim_request(connection, request, now + RETRY_DELAYS[0], request.expires_at):
            return None
    return ClaimedMail(request, is_subscribed)


def record_mail(context: AppContext, request: SignupRequest, result: DeliveryResult) -> None:
    """Write down what became of a claimed mail: sent, given up, or to be tried again.

    Raises:
        DatabaseError: the database stands in the way; the mail is tried again after the first wait.
    """
    now = clock.now()
    with context.database.write() as connection:
        retry_at = _retry_at(request, result, now)
        if retry_at is not None:
            signup_requests.postpone_request(connection, request, retry_at)
            return
        # One that may have left is not sent again: whoever misses it asks once more.
        sent = result.outcome in {DeliveryOutcome.ACCEPTED, DeliveryOutcome.UNKNOWN}
        signup_requests.record_mail_result(connection, request, sent=sent, now=now)


def _retry_at(request: SignupRequest, result: DeliveryResult, now: datetime) -> datetime | None:
    """Until when a mail that did not leave waits; None where it is settled."""
    is_open = result.outcome is DeliveryOutcome.NOT_SENT or (
        result.outcome is DeliveryOutcome.REFUSED and result.retryable
    )
    if not is_open or request.attempts >= len(RETRY_DELAYS):
        return None
    return max(now + RETRY_DELAYS[request.attempts], result.retry_at or now)
