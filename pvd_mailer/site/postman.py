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
from pvd_mailer.audience import requests
from pvd_mailer.audience.mailbox import Domains
from pvd_mailer.audience.requests import Request
from pvd_mailer.audience.subscribers import find
from pvd_mailer.database import Connection, DatabaseError
from pvd_mailer.database.states import RequestKind, SubscriberState
from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _, speak
from pvd_mailer.letter.mime import feedback_id
from pvd_mailer.send.channels import Addressee, Channel, Consignment, Outcome, Result, Sender, Session
from pvd_mailer.send.links import unsubscribe_mailto
from pvd_mailer.site.context import Site
from pvd_mailer.site.mails import compose
from pvd_mailer.web.guard import place_of

__all__ = ["Postman", "sender_of"]

GROUP: Final = 50
LOOK: Final = 60.0
"""In seconds: how often the post is looked through where nobody calls."""
TRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""How long a mail that did not leave waits before it is tried again; after the last it is given up."""
_log = logging.getLogger(__name__)


def sender_of(site: Site, publication: str, kind: str) -> Sender:
    """Who the mails of a publication come from that answer a request of `kind`."""
    face = site.publications[publication]
    return Sender(
        face.sender.name,
        face.sender.address,
        face.sender.reply_to,
        face.list_id.name,
        face.list_id.id,
        unsubscribe_mailto(face.unsubscribe, face.list_id.id),
        feedback_id(kind, publication, "site", face.sender.address),
        is_automatic=True,
    )


class Postman:
    """Sends what waits; `call` has it look at once."""

    def __init__(self, site: Site, channel: Channel) -> None:
        self._site = site
        self._channel = channel
        self._domains = Domains()
        self._called = threading.Event()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._work, name="postman", daemon=True)

    def start(self) -> None:
        """Begin; what an earlier server left is sent."""
        self._called.set()
        self._thread.start()

    def call(self) -> None:
        """Something waits."""
        self._called.set()

    def stop(self) -> None:
        """End once the mail at hand is gone."""
        self._ends.set()
        self._called.set()
        self._thread.join()

    def _work(self) -> None:
        speak(self._site.publications[self._site.house].lang)
        while not self._ends.is_set():
            self._called.wait(self._pause())
            self._called.clear()
            self._attempt(self.round)

    @staticmethod
    def _attempt(work: Callable[[], int]) -> int:
        """Do `work`; where it fails, say so: the next mail, or the next round, may do better."""
        try:
            return work()
        except PvdError as error:
            _log.error("%s", error)
        except Exception as error:  # noqa: BLE001 - the site lives on
            said = _("this is a fault of the program: {kind} at {place}")
            _log.error(said.format(kind=type(error).__name__, place=place_of(error)))
        return 0

    def _pause(self) -> float:
        try:
            with self._site.office.database.read() as connection:
                soonest = requests.next_due(connection)
        except DatabaseError:
            return LOOK
        if soonest is None:
            return LOOK
        return min(max((soonest - clock.now()).total_seconds(), 1.0), LOOK)

    def round(self) -> int:
        """Send what is due, and erase what is over; how many mails left.

        Raises:
            DatabaseError: the database stands in the way.
        """
        database = self._site.office.database
        with database.write() as connection:
            requests.purge(connection, clock.now())
        left = 0
        with ExitStack() as stack:
            session: Session | None = None
            while not self._ends.is_set():
                with database.read() as connection:
                    waiting = requests.due(connection, clock.now(), GROUP)
                if not waiting:
                    break
                session = session or stack.enter_context(self._channel.session())
                for one in waiting:
                    if self._ends.is_set():
                        break
                    left += self._attempt(partial(self._carry, session, one))
        return left

    def _carry(self, session: Session, one: Request) -> bool:
        database = self._site.office.database
        now = clock.now()
        with database.write() as connection:
            if self._rests(connection, one, now):
                return False
            known = find(connection, one.person.address.key)
            is_subscribed = known is not None and known.state is SubscriberState.SUBSCRIBED
            # What opens a person's data is good for a day, whatever was asked for.
            kind = RequestKind.PREFERENCES if is_subscribed else one.kind
            one = replace(one, expires_at=now + requests.LIVES[kind])
            # Should this process die with the mail in hand, another takes it up after the first wait.
            if not requests.claim(connection, one, now + TRIES[0], one.expires_at):
                return False
        result = self._hand_over(session, one, is_subscribed=is_subscribed)
        now = clock.now()
        with database.write() as connection:
            wait = self._wait(one, result, now)
            if wait is not None:
                requests.put_off(connection, one, wait)
            else:
                # One that may have left is not sent again: whoever misses it asks once more.
                sent = result.outcome in {Outcome.ACCEPTED, Outcome.UNKNOWN}
                requests.settle(connection, one, sent=sent, now=now)
        if result.outcome is not Outcome.ACCEPTED:
            said = _("a mail of the site is not sent: {cause}")
            _log.warning(said.format(cause=result.cause or result.outcome))
        return result.outcome is Outcome.ACCEPTED

    def _rests(self, connection: Connection, one: Request, now: datetime) -> bool:
        """Whether its mail does not go out now: it waits its turn, or it never will."""
        is_hopeless = one.attempts > len(TRIES) or one.publication not in self._site.publications
        turn = requests.turn_of(connection, one, now, self._domains)
        if is_hopeless or requests.is_too_late(one, turn, now) or requests.is_overtaken(connection, one):
            requests.settle(connection, one, sent=False, now=now)
            return True
        if turn > now:
            requests.put_off(connection, one, turn)
        return turn > now

    def _hand_over(self, session: Session, one: Request, *, is_subscribed: bool) -> Result:
        letter = compose(self._site, one, is_subscribed=is_subscribed)
        consignment = Consignment(
            f"site-{one.ref}",
            letter,
            sender_of(self._site, one.publication, one.kind),
            clock.now().replace(microsecond=0),
            (Addressee(one.ref, one.person.address.written),),
        )
        result = Result(Outcome.UNKNOWN)
        for _ref, told in session.deliver(consignment):
            result = told
        return result

    @staticmethod
    def _wait(one: Request, result: Result, now: datetime) -> datetime | None:
        """Until when a mail that did not leave waits; None where it is settled."""
        is_open = result.outcome is Outcome.NOT_SENT or (result.outcome is Outcome.REFUSED and result.retryable)
        if not is_open or one.attempts >= len(TRIES):
            return None
        return max(now + TRIES[one.attempts], result.wait_until or now)
