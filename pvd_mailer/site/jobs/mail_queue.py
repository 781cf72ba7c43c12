"""Carries the site's mails to the channel, in a thread of its own: a page never waits for a mail server.

What is to be sent is in the database before a page says so. So a mail that had not gone out when the server was killed
goes out when there is one again.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pvd_mailer import clock
from pvd_mailer.database import Connection, DatabaseError
from pvd_mailer.database.states import RequestKind, SubscriberState
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _, set_language
from pvd_mailer.letter.mime import feedback_id
from pvd_mailer.send.channels import (
    Channel,
    DeliveryOutcome,
    DeliveryResult,
    Recipient,
    SenderIdentity,
    SendRequest,
    Session,
)
from pvd_mailer.send.unsubscribe_links import unsubscribe_mailto
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.emails import build_email
from pvd_mailer.subscribers import signup_requests
from pvd_mailer.subscribers.mailbox_limits import DomainSizes
from pvd_mailer.subscribers.queries import find_subscriber
from pvd_mailer.subscribers.signup_requests import SignupRequest
from pvd_mailer.web.middleware import error_location

__all__ = ["MailQueue", "mail_sender"]

_BATCH_SIZE: Final = 50
_POLL_SECONDS: Final = 60.0
"""In seconds: how often the post is looked through where nobody calls."""
_RETRY_DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""How long a mail that did not leave waits before it is tried again; after the last it is given up."""
_log = logging.getLogger(__name__)


def mail_sender(site: Site, publication: str, kind: str) -> SenderIdentity:
    """Who the mails of a publication come from that answer a request of `kind`."""
    config = site.publications[publication]
    return SenderIdentity(
        config.sender.name,
        config.sender.address,
        config.sender.reply_to,
        config.list_id.name,
        config.list_id.id,
        unsubscribe_mailto(config.unsubscribe, config.list_id.id),
        feedback_id(kind, publication, "site", config.sender.address),
        is_automatic=True,
    )


class MailQueue:
    """Sends what waits; `wake` has it look at once."""

    def __init__(self, site: Site, channel: Channel) -> None:
        self._site = site
        self._channel = channel
        self._domains = DomainSizes()
        self._wake_event = threading.Event()
        self._stop_event = threading.Event()
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Begin; what an earlier server left is sent."""
        self._wake_event.set()
        self._thread.start()

    def wake(self) -> None:
        """Something waits."""
        self._wake_event.set()

    def stop(self) -> None:
        """End once the mail at hand is gone."""
        self._stop_event.set()
        self._wake_event.set()
        self._thread.join()

    def _run(self) -> None:
        set_language(self._site.publications[self._site.default_publication].lang)
        while not self._stop_event.is_set():
            self._wake_event.wait(self._sleep_seconds())
            self._wake_event.clear()
            self._attempt(self.run_once)

    @staticmethod
    def _attempt(task: Callable[[], int]) -> int:
        """Do `task`; where it fails, say so: the next mail, or the next round, may do better."""
        try:
            return task()
        except PvdError as error:
            _log.error("%s", error)
        except Exception as error:  # noqa: BLE001 - the site lives on
            message = _("this is a fault of the program: {kind} at {place}")
            _log.error(message.format(kind=type(error).__name__, place=error_location(error)))
        return 0

    def _sleep_seconds(self) -> float:
        try:
            with self._site.context.database.read() as connection:
                soonest = signup_requests.next_due_at(connection)
        except DatabaseError:
            return _POLL_SECONDS
        if soonest is None:
            return _POLL_SECONDS
        return min(max((soonest - clock.now()).total_seconds(), 1.0), _POLL_SECONDS)

    def run_once(self) -> int:
        """Send what is due, and erase what is over; how many mails left.

        Raises:
            DatabaseError: the database stands in the way.
        """
        database = self._site.context.database
        with database.write() as connection:
            signup_requests.purge_expired_requests(connection, clock.now())
        sent_count = 0
        with ExitStack() as stack:
            session: Session | None = None
            while not self._stop_event.is_set():
                with database.read() as connection:
                    waiting = signup_requests.due_requests(connection, clock.now(), _BATCH_SIZE)
                if not waiting:
                    break
                session = session or stack.enter_context(self._channel.session())
                for signup in waiting:
                    if self._stop_event.is_set():
                        break
                    sent_count += self._attempt(partial(self._send, session, signup))
        return sent_count

    def _send(self, session: Session, signup: SignupRequest) -> bool:
        database = self._site.context.database
        now = clock.now()
        with database.write() as connection:
            if self._should_wait(connection, signup, now):
                return False
            subscriber = find_subscriber(connection, signup.person.address.key)
            is_subscribed = subscriber is not None and subscriber.state is SubscriberState.SUBSCRIBED
            # What opens a person's data is good for a day, whatever was asked for.
            kind = RequestKind.PREFERENCES if is_subscribed else signup.kind
            signup = replace(signup, expires_at=now + signup_requests.LINK_LIFETIMES[kind])
            # Should this process die with the mail in hand, another takes it up after the first wait.
            if not signup_requests.claim_request(connection, signup, now + _RETRY_DELAYS[0], signup.expires_at):
                return False
        result = self._deliver(session, signup, is_subscribed=is_subscribed)
        now = clock.now()
        with database.write() as connection:
            retry_at = self._retry_at(signup, result, now)
            if retry_at is not None:
                signup_requests.postpone_request(connection, signup, retry_at)
            else:
                # One that may have left is not sent again: whoever misses it asks once more.
                sent = result.outcome in {DeliveryOutcome.ACCEPTED, DeliveryOutcome.UNKNOWN}
                signup_requests.record_mail_result(connection, signup, sent=sent, now=now)
        if result.outcome is not DeliveryOutcome.ACCEPTED:
            message = _("a mail of the site is not sent: {cause}")
            _log.warning(message.format(cause=result.cause or result.outcome))
        return result.outcome is DeliveryOutcome.ACCEPTED

    def _should_wait(self, connection: Connection, signup: SignupRequest, now: datetime) -> bool:
        """Whether its mail does not go out now: it waits its turn, or it never will."""
        is_hopeless = signup.attempts > len(_RETRY_DELAYS) or signup.publication not in self._site.publications
        not_before = signup_requests.mail_not_before(connection, signup, now, self._domains)
        if (
            is_hopeless
            or signup_requests.is_too_late_to_mail(signup, not_before, now)
            or signup_requests.is_superseded(connection, signup)
        ):
            signup_requests.record_mail_result(connection, signup, sent=False, now=now)
            return True
        if not_before > now:
            signup_requests.postpone_request(connection, signup, not_before)
        return not_before > now

    def _deliver(self, session: Session, signup: SignupRequest, *, is_subscribed: bool) -> DeliveryResult:
        letter = build_email(self._site, signup, is_subscribed=is_subscribed)
        send_request = SendRequest(
            f"site-{signup.ref}",
            letter,
            mail_sender(self._site, signup.publication, signup.kind),
            clock.now().replace(microsecond=0),
            (Recipient(signup.ref, signup.person.address.as_written),),
        )
        result = DeliveryResult(DeliveryOutcome.UNKNOWN)
        for _ref, reported in session.send(send_request):
            result = reported
        return result

    @staticmethod
    def _retry_at(signup: SignupRequest, result: DeliveryResult, now: datetime) -> datetime | None:
        """Until when a mail that did not leave waits; None where it is settled."""
        is_open = result.outcome is DeliveryOutcome.NOT_SENT or (
            result.outcome is DeliveryOutcome.REFUSED and result.retryable
        )
        if not is_open or signup.attempts >= len(_RETRY_DELAYS):
            return None
        return max(now + _RETRY_DELAYS[signup.attempts], result.retry_at or now)
