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
from pvd_mailer.send.channels.base import (
    DeliveryOutcome,
    DeliveryResult,
    FailureCause,
    Recipient,
    SenderIdentity,
    SendRequest,
    UnsupportedLetterError,
)
from pvd_mailer.send.channels.reasons import interrupted_result, invalid_address_result, redact
from pvd_mailer.send.channels.sendgrid.answers import results_from_response
from pvd_mailer.send.channels.sendgrid.call import (
    MAX_LINK_LENGTH,
    MAX_MESSAGE_BYTES,
    message_size,
    personalizations,
    shared_part,
)
from pvd_mailer.send.channels.sendgrid.client import SendGridClient
from pvd_mailer.send.channels.sendgrid.suppressions import SuppressionLists
from pvd_mailer.send.channels.sendgrid.wire import (
    ConnectionBrokenError,
    HttpConnection,
    InvalidResponseError,
    NoResponseError,
    UnreachableError,
    UntrustedCertificateError,
)

__all__ = ["SendGrid", "SendGridSession"]

DEFAULT_URL = "https://api.sendgrid.com"
MAX_PERSONALIZATIONS = 1000
"""Personalizations a call: SendGrid's limit."""
PERSONALIZATION_BYTES = 2_000_000
"""Bytes left for a thousand personalizations beside the letter."""
LATIN_1_END = 0x100


class SendGridSession:
    """One connection to SendGrid, used by one thread."""

    def __init__(self, channel: "SendGrid", client: SendGridClient, http: HttpConnection) -> None:
        self._channel = channel
        self._client = client
        self._http = http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def abort(self) -> None:
        """Cut the connection: a call that is under way has no answer any more."""
        self._http.abort()

    def send(self, request: SendRequest) -> Iterator[tuple[str | None, DeliveryResult]]:
        """One call for all recipients; those that SendGrid would refuse the call for are left out and told."""
        sendable: list[Recipient] = []
        for recipient in request.recipients:
            refusal = _refusal_of(recipient)
            if refusal:
                yield recipient.ref, refusal
            else:
                sendable.append(recipient)
        if sendable:
            yield from self._call(request, sendable)

    def _call(self, request: SendRequest, recipients: list[Recipient]) -> Iterator[tuple[str | None, DeliveryResult]]:
        letter, sender = request.letter, request.sender
        with self._channel.build_lock:
            reader_part = personalizations(letter, sender, request.call_id, recipients)
        try:
            response = self._client.post(reader_part, self._channel.shared_part(letter, sender))
        except UntrustedCertificateError as error:
            reason = _("the server's certificate is not trusted: {reason}").format(reason=redact(str(error)))
            yield None, DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, reason, is_fatal=True)
        except UnreachableError as error:
            reason = _("no connection to {host}: {reason}").format(host=self._channel.host, reason=redact(str(error)))
            unreached = DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, reason)
            yield None, interrupted_result(DeliveryOutcome.NOT_SENT) if self._http.is_aborted else unreached
        except NoResponseError:
            yield None, DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER, _("no answer in time"))
        except ConnectionBrokenError:
            broken = DeliveryResult(
                DeliveryOutcome.UNKNOWN, FailureCause.CUT, _("the connection broke before the answer was whole")
            )
            yield None, interrupted_result(DeliveryOutcome.UNKNOWN) if self._http.is_aborted else broken
        except InvalidResponseError:
            yield None, DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.UNCLEAR, _("the answer was not HTTP"))
        else:
            yield from results_from_response(response, recipients, sandbox=not self._channel.is_live)


def _refusal_of(recipient: Recipient) -> DeliveryResult | None:
    address, link = recipient.address, recipient.one_click_url
    if not address.isascii():
        if not address.rpartition("@")[0].isascii():
            reason = _("SendGrid takes no address with a letter outside ASCII before the @; SMTP may")
            return DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.ADDRESS, reason)
        try:
            wire_address(address)
        except ValueError:
            return invalid_address_result()
    if link and len(link) > MAX_LINK_LENGTH:
        return DeliveryResult(
            DeliveryOutcome.REFUSED, FailureCause.MESSAGE, _("the link to unsubscribe by is too long for SendGrid")
        )
    return None


class SendGrid:
    """Sends through the account that `key` belongs to.

    Args:
        key: The account's key; nothing that this class says shows it.
        url: Another host, such as https://api.eu.sendgrid.com.
        sandbox: SendGrid checks every call and sends nothing.
        concurrency: Calls at once.
        connect_timeout: Seconds.
        read_timeout: Seconds for a call to go out, beside what its size takes, and again for its whole answer.
        trust: Which certificates are trusted; the system's if not given.

    Raises:
        WrongUsageError: `url` is no address that a key may be sent to, or `key` is no key.
    """

    name = "sendgrid"
    batch_size = MAX_PERSONALIZATIONS

    def __init__(
        self,
        key: str,
        url: str | None = None,
        *,
        sandbox: bool = False,
        concurrency: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        tls_context: ssl.SSLContext | None = None,
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
        self.is_live = not sandbox
        self.concurrency = concurrency
        tls_context = tls_context or ssl.create_default_context()
        self._open_http = partial(HttpConnection, self._url, tls_context, connect_timeout, read_timeout)
        self._open_lists = partial(
            SuppressionLists,
            key,
            self._url,
            self.host,
            tls_context=tls_context,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        self._lock = threading.Lock()
        self.build_lock = threading.Lock()
        """One call is put together at a time: more would only take the interpreter from one another."""
        self._shared_part: tuple[Letter, SenderIdentity, bytes] | None = None

    def session(self) -> SendGridSession:
        """A connection of its own, opened with the first call."""
        http = self._open_http()
        return SendGridSession(self, SendGridClient(http, self._url, self._key), http)

    def suppressions(self) -> SuppressionLists:
        """The account's suppression lists, on a connection of their own."""
        return self._open_lists()

    def shared_part(self, letter: Letter, sender: SenderIdentity) -> bytes:
        """The part of a call that is the same for all readers; one copy for all sessions, pictures can be large."""
        with self._lock:
            if self._shared_part is None or self._shared_part[0] is not letter or self._shared_part[1] != sender:
                self._shared_part = (letter, sender, shared_part(letter, sender, sandbox=not self.is_live))
            return self._shared_part[2]

    def validate(self, letter: Letter, sender: SenderIdentity) -> None:
        """See what SendGrid would refuse, or spoil.

        Raises:
            CannotCarryError: too large, or a part that SendGrid would send as Latin-1.
        """
        size = message_size(letter) + PERSONALIZATION_BYTES
        if size > MAX_MESSAGE_BYTES:
            raise UnsupportedLetterError(
                _("the letter has {size} MB, and SendGrid takes 28").format(size=message_size(letter) // 1_000_000),
                _("Make its pictures smaller."),
            )
        for part in (letter.html, letter.text):
            if all(ord(character) < LATIN_1_END for character in part):
                # SendGrid chooses the charset from the bytes, and Gmail cuts what comes as Latin-1 at any length.
                raise UnsupportedLetterError(
                    _("a part of the letter has no character outside Latin-1: SendGrid would send it as such"),
                    _("Have the template write one, such as ’ or —."),
                )
        if len(sender.unsubscribe_mailto) > MAX_LINK_LENGTH:
            raise UnsupportedLetterError(
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
    is_plain = not (parts.username or parts.query or parts.fragment) and port != 0
    if parts.hostname and is_plain and (parts.scheme == "https" or (parts.scheme == "http" and loopback)):
        return parts.hostname if port is None else f"{parts.hostname}:{port}"
    raise WrongUsageError(
        _("PVD_SENDGRID_URL is no address that a key may be sent to"),
        _("Write an address that begins with https://, such as https://api.eu.sendgrid.com."),
    )
