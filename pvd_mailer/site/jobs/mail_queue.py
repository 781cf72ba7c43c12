"""Carries the site's mails to the channel, in a thread of its own: a page never waits for a mail server.

What is to be sent is in the database before a page says so. So a mail that had not gone out when the server was killed
goes out when there is one again.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Final

from pvd_mailer import clock
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
from pvd_mailer.services.machine.readiness import DatabaseError
from pvd_mailer.services.readers import signup_mails
from pvd_mailer.services.readers.signup_mails import ClaimedMail, DomainSizes, SignupRequest
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.emails import build_email
from pvd_mailer.web.middleware import error_location

__all__ = ["MailQueue", "mail_sender"]

_BATCH_SIZE: Final = 50
_POLL_SECONDS: Final = 60.0
"""In seconds: how often the post is looked through where nobody calls."""
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
            soonest = signup_mails.next_mail_at(self._site.context)
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
        signup_mails.erase_expired_requests(self._site.context)
        sent_count = 0
        with ExitStack() as stack:
            session: Session | None = None
            while not self._stop_event.is_set():
                waiting = signup_mails.due_mails(self._site.context, _BATCH_SIZE)
                if not waiting:
                    break
                session = session or stack.enter_context(self._channel.session())
                for request in waiting:
                    if self._stop_event.is_set():
                        break
                    sent_count += self._attempt(partial(self._send, session, request))
        return sent_count

    def _send(self, session: Session, request: SignupRequest) -> bool:
        """Send the mail that answers `request`, unless it has to wait or somebody else has it; whether it left."""
        claimed = signup_mails.claim_mail(self._site.context, request, self._site.publications, self._domains)
        if claimed is None:
            return False
        result = self._deliver(session, claimed)
        signup_mails.record_mail(self._site.context, claimed.request, result)
        if result.outcome is not DeliveryOutcome.ACCEPTED:
            message = _("a mail of the site is not sent: {cause}")
            _log.warning(message.format(cause=result.cause or result.outcome))
        return result.outcome is DeliveryOutcome.ACCEPTED

    def _deliver(self, session: Session, claimed: ClaimedMail) -> DeliveryResult:
        request = claimed.request
        send_request = SendRequest(
            f"site-{request.ref}",
            build_email(self._site, request, is_subscribed=claimed.is_subscribed),
            mail_sender(self._site, request.publication, request.kind),
            clock.now().replace(microsecond=0),
            (Recipient(request.ref, request.person.address.as_written),),
        )
        result = DeliveryResult(DeliveryOutcome.UNKNOWN)
        for _ref, reported in session.send(send_request):
            result = reported
        return result
