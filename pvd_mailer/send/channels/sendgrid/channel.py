"""SendGrid as a channel."""

import ssl
import threading
from collections.abc import Iterator
from functools import partial
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import wire_address
from pvd_mailer.send.channels.base import Addressee, CannotCarryError, Cause, Consignment, Outcome, Result, Sender
from pvd_mailer.send.channels.reasons import interrupted, no_address, tidy
from pvd_mailer.send.channels.sendgrid.answers import explain
from pvd_mailer.send.channels.sendgrid.call import LARGEST_MESSAGE, LONGEST_LINK, common, personalizations, weight
from pvd_mailer.send.channels.sendgrid.client import Caller
from pvd_mailer.send.channels.sendgrid.suppressions import SuppressionLists
from pvd_mailer.send.channels.sendgrid.wire import (
    CutError,
    NoAnswerError,
    NotReachedError,
    NotTrustedError,
    UnclearError,
    Wire,
)

__all__ = ["SendGrid", "SendGridSession"]

DEFAULT_URL = "https://api.sendgrid.com"
BATCH = 1000
"""Personalizations a call: SendGrid's limit."""
SPARE = 2_000_000
"""Bytes left for a thousand personalizations beside the letter."""
LATIN_1 = 0x100


class SendGridSession:
    """One connection to SendGrid, used by one thread."""

    def __init__(self, channel: "SendGrid", caller: Caller, wire: Wire) -> None:
        self._channel = channel
        self._caller = caller
        self._wire = wire

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wire.close()

    def abort(self) -> None:
        """Cut the connection: a call that is under way has no answer any more."""
        self._wire.cut()

    def deliver(self, consignment: Consignment) -> Iterator[tuple[str | None, Result]]:
        """One call for all recipients; those that SendGrid would refuse the call for are left out and told."""
        ready: list[Addressee] = []
        for addressee in consignment.addressees:
            problem = _problem(addressee)
            if problem:
                yield addressee.ref, problem
            else:
                ready.append(addressee)
        if ready:
            yield from self._call(consignment, ready)

    def _call(self, consignment: Consignment, ready: list[Addressee]) -> Iterator[tuple[str | None, Result]]:
        letter, sender = consignment.letter, consignment.sender
        with self._channel.building:
            own = personalizations(letter, sender, consignment.call_id, ready)
        try:
            answer = self._caller.post(own, self._channel.common(letter, sender))
        except NotTrustedError as error:
            words = _("the server's certificate is not trusted: {reason}").format(reason=tidy(str(error)))
            yield None, Result(Outcome.NOT_SENT, Cause.UNREACHABLE, words, halts=True)
        except NotReachedError as error:
            words = _("no connection to {host}: {reason}").format(host=self._channel.host, reason=tidy(str(error)))
            unreached = Result(Outcome.NOT_SENT, Cause.UNREACHABLE, words)
            yield None, interrupted(Outcome.NOT_SENT) if self._wire.is_cut else unreached
        except NoAnswerError:
            yield None, Result(Outcome.UNKNOWN, Cause.NO_ANSWER, _("no answer in time"))
        except CutError:
            broken = Result(Outcome.UNKNOWN, Cause.CUT, _("the connection broke before the answer was whole"))
            yield None, interrupted(Outcome.UNKNOWN) if self._wire.is_cut else broken
        except UnclearError:
            yield None, Result(Outcome.UNKNOWN, Cause.UNCLEAR, _("the answer was not HTTP"))
        else:
            yield from explain(answer, ready, sandbox=not self._channel.leaves)


def _problem(addressee: Addressee) -> Result | None:
    address, link = addressee.address, addressee.one_click_url
    if not address.isascii():
        if not address.rpartition("@")[0].isascii():
            words = _("SendGrid takes no address with a letter outside ASCII before the @; SMTP may")
            return Result(Outcome.REFUSED, Cause.ADDRESS, words)
        try:
            wire_address(address)
        except ValueError:
            return no_address()
    if link and len(link) > LONGEST_LINK:
        return Result(Outcome.REFUSED, Cause.MESSAGE, _("the link to unsubscribe by is too long for SendGrid"))
    return None


class SendGrid:
    """Sends through the account that `key` belongs to.

    Args:
        key: The account's key; nothing that this class says shows it.
        url: Another host, such as https://api.eu.sendgrid.com.
        sandbox: SendGrid checks every call and sends nothing.
        lanes: Calls at once.
        connect_timeout: Seconds.
        read_timeout: Seconds for a call to go out, beside what its size takes, and again for its whole answer.
        trust: Which certificates are trusted; the system's if not given.

    Raises:
        WrongUsageError: `url` is no address that a key may be sent to, or `key` is no key.
    """

    name = "sendgrid"
    batch_size = BATCH

    def __init__(
        self,
        key: str,
        url: str | None = None,
        *,
        sandbox: bool = False,
        lanes: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise WrongUsageError(
                _("SENDGRID_API_KEY is no key of SendGrid"), _("Copy it again: it is one word that begins with SG.")
            )
        self._key = key
        self._url = (url or DEFAULT_URL).rstrip("/")
        self.host = _host(self._url)
        # Not the key: a new one, after a 401, must be able to go on with what an old one began.
        self.identity = f"sendgrid {self.host}" + (" sandbox" if sandbox else "")
        self.leaves = not sandbox
        self.lanes = lanes
        trust = trust or ssl.create_default_context()
        self._wire = partial(Wire, self._url, trust, connect_timeout, read_timeout)
        self._lists = partial(
            SuppressionLists,
            key,
            self._url,
            self.host,
            trust=trust,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._lock = threading.Lock()
        self.building = threading.Lock()
        """One call is put together at a time: more would only take the interpreter from one another."""
        self._common: tuple[Letter, Sender, bytes] | None = None

    def session(self) -> SendGridSession:
        """A connection of its own, opened with the first call."""
        wire = self._wire()
        return SendGridSession(self, Caller(wire, self._url, self._key), wire)

    def suppressions(self) -> SuppressionLists:
        """The account's suppression lists, on a connection of their own."""
        return self._lists()

    def common(self, letter: Letter, sender: Sender) -> bytes:
        """The part of a call that is the same for all readers; one copy for all sessions, pictures can be large."""
        with self._lock:
            if self._common is None or self._common[0] is not letter or self._common[1] != sender:
                self._common = (letter, sender, common(letter, sender, sandbox=not self.leaves))
            return self._common[2]

    def vet(self, letter: Letter, sender: Sender) -> None:
        """See what SendGrid would refuse, or spoil.

        Raises:
            CannotCarryError: too large, or a part that SendGrid would send as Latin-1.
        """
        size = weight(letter) + SPARE
        if size > LARGEST_MESSAGE:
            raise CannotCarryError(
                _("the letter has {size} MB, and SendGrid takes 28").format(size=weight(letter) // 1_000_000),
                _("Make its pictures smaller."),
            )
        for part in (letter.html, letter.text):
            if all(ord(c) < LATIN_1 for c in part):
                # SendGrid chooses the charset from the bytes, and Gmail cuts what comes as Latin-1 at any length.
                raise CannotCarryError(
                    _("a part of the letter has no character outside Latin-1: SendGrid would send it as such"),
                    _("Have the template write one, such as ’ or —."),
                )
        if len(sender.unsubscribe_mailto) > LONGEST_LINK:
            raise CannotCarryError(
                _("the link to unsubscribe by is too long for SendGrid"),
                _("Shorten `unsubscribe` in publication.yaml."),
            )


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a bracket that is open, a port that is none
        parts, port = urlsplit(""), 0
    loopback = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    clean = not (parts.username or parts.query or parts.fragment) and port != 0
    if parts.hostname and clean and (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        return parts.hostname if port is None else f"{parts.hostname}:{port}"
    raise WrongUsageError(
        _("PVD_SENDGRID_URL is no address that a key may be sent to"),
        _("Write an address that begins with https://, such as https://api.eu.sendgrid.com."),
    )
