"""A mail server as a channel: one message a recipient, one recipient a message."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from functools import partial
from types import TracebackType
from typing import Self

from pvd_mailer.i18n import _
from pvd_mailer.letter import Letter
from pvd_mailer.letter.addresses import wire_address
from pvd_mailer.letter.message_builder import MessageBuilder
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause, SenderIdentity, SendRequest
from pvd_mailer.send.channels.reasons import interrupted_result, invalid_address_result
from pvd_mailer.send.channels.smtp.connection import NoConnectionError, SmtpConnection, no_reply_result
from pvd_mailer.send.channels.smtp.replies import CLOSING_CODE, SmtpStage, is_login_refusal, refusal_result, reply_text
from pvd_mailer.send.channels.smtp.server import SmtpServer
from pvd_mailer.send.channels.sockets import MIN_BYTES_A_SECOND

__all__ = ["SMTP", "SMTPSession"]

BATCH_SIZE = 20
"""Recipients a batch: what a kill leaves unknown on one connection."""
START_MAIL_INPUT = 354


class _NothingSentError(Exception):
    """The connection broke before the server had the whole message: nothing left, and what that means."""

    def __init__(self, result: DeliveryResult) -> None:
        super().__init__(result.reason)
        self.result = result


class SMTPSession:
    """One connection to the mail server, used by one thread."""

    def __init__(self, connection: SmtpConnection, messages: MessageBuilder, data_timeout: float) -> None:
        self._connection = connection
        self._messages = messages
        self._data_timeout = data_timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def abort(self) -> None:
        """Cut the connection: a message that went out has no answer any more, and no other goes out."""
        self._connection.deadline.abort()

    def send(self, request: SendRequest) -> Iterator[tuple[str | None, DeliveryResult]]:
        """One message after the other; stops at the first that tells of more than its own recipient."""
        last = len(request.recipients)
        for number, recipient in enumerate(request.recipients, 1):
            if self._connection.deadline.is_aborted:
                yield None, interrupted_result(DeliveryOutcome.NOT_SENT)
                return
            try:
                message = self._messages.build(request.letter, request.envelope(recipient))
                address = wire_address(recipient.address)
            except ValueError:
                yield recipient.ref, invalid_address_result()
                continue
            try:
                result = self._send_message(wire_address(request.sender.address), address, message)
            except NoConnectionError as error:
                yield None, error.result
                return
            if result.outcome is not DeliveryOutcome.NOT_SENT:
                yield recipient.ref, result
            rest_result = _result_for_rest(result)
            if rest_result:
                if number < last or result.outcome is DeliveryOutcome.NOT_SENT:
                    yield None, rest_result
                return

    def _send_message(self, sender: str, address: str, message: bytes) -> DeliveryResult:
        smtp, was_used = self._connection.acquire()
        try:
            return self._transaction(smtp, sender, address, message)
        except _NothingSentError as lost:
            self._connection.close()
            if not was_used or self._connection.deadline.is_aborted:
                return lost.result
        # It had grown old between two messages. Nothing left by it, so another connection may try.
        smtp, _was_used = self._connection.acquire()
        try:
            return self._transaction(smtp, sender, address, message)
        except _NothingSentError as lost:
            self._connection.close()
            return lost.result

    def _transaction(self, smtp: smtplib.SMTP, sender: str, address: str, message: bytes) -> DeliveryResult:
        """Raises _LostError while it is certain that nothing left."""
        deadline, reply_seconds = self._connection.deadline, self._connection.read_timeout
        send_seconds = reply_seconds + len(message) / MIN_BYTES_A_SECOND
        with deadline.within(send_seconds + reply_seconds + self._data_timeout):
            try:
                refusal_result = self._start_transaction(smtp, sender, address, message)
                if refusal_result:
                    return refusal_result
                # Without the line that ends it, which goes last, no server takes a message (RFC 5321, 4.1.1.4).
                self._send_data(smtp, message, send_seconds)
            except (OSError, smtplib.SMTPException) as error:
                raise _NothingSentError(self._nothing_sent_result(error)) from error
            try:
                return self._read_reply(smtp, address)
            except (OSError, smtplib.SMTPException) as error:
                self._connection.close()
                if deadline.is_aborted:
                    return interrupted_result(DeliveryOutcome.UNKNOWN)
                if deadline.is_expired or _is_time_out(error):
                    return DeliveryResult(DeliveryOutcome.UNKNOWN, FailureCause.NO_ANSWER, _("no answer in time"))
                return DeliveryResult(
                    DeliveryOutcome.UNKNOWN, FailureCause.CUT, _("the connection broke before the answer was whole")
                )

    def _nothing_sent_result(self, error: Exception) -> DeliveryResult:
        deadline = self._connection.deadline
        if deadline.is_aborted:
            return interrupted_result(DeliveryOutcome.NOT_SENT)
        return no_reply_result() if deadline.is_expired or _is_time_out(error) else _disconnected_result()

    def _start_transaction(
        self, smtp: smtplib.SMTP, sender: str, address: str, message: bytes
    ) -> DeliveryResult | None:
        """MAIL, RCPT and DATA, up to the server's leave to go on; otherwise why not."""
        international = not message.isascii() or not address.isascii() or not sender.isascii()
        if international and not smtp.has_extn("smtputf8"):
            reason = _("the mail server takes no address with a letter outside ASCII before the @")
            return DeliveryResult(DeliveryOutcome.REFUSED, FailureCause.ADDRESS, reason)
        options = [f"SIZE={len(message)}"] if smtp.has_extn("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if international else []
        steps = (
            (SmtpStage.MAIL, partial(smtp.mail, sender, options)),
            (SmtpStage.RCPT, partial(smtp.rcpt, address)),
        )
        deadline, reply_seconds = self._connection.deadline, self._connection.read_timeout
        for stage, command in steps:
            with deadline.within(reply_seconds):
                code, reply = command()
            if not 200 <= code < 300:  # noqa: PLR2004 - the class of "yes"
                return self._refusal(smtp, stage, code, reply, address)
        with deadline.within(reply_seconds):
            code, reply = smtp.docmd("DATA")
        return None if code == START_MAIL_INPUT else self._refusal(smtp, SmtpStage.DATA, code, reply, address)

    def _send_data(self, smtp: smtplib.SMTP, message: bytes, seconds: float) -> None:
        if smtp.sock:
            smtp.sock.settimeout(seconds)
        dotted = message.replace(b"\r\n.", b"\r\n..")
        end = b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n"
        with self._connection.deadline.within(seconds):
            smtp.send((b"." if dotted.startswith(b".") else b"") + dotted + end)

    def _read_reply(self, smtp: smtplib.SMTP, address: str) -> DeliveryResult:
        if smtp.sock:
            smtp.sock.settimeout(self._data_timeout)
        with self._connection.deadline.within(self._data_timeout):
            code, reply = smtp.getreply()
        if 200 <= code < 300:  # noqa: PLR2004 - the class of "yes"
            if smtp.sock:
                smtp.sock.settimeout(self._connection.read_timeout)
            return DeliveryResult(DeliveryOutcome.ACCEPTED)
        # Nothing is owed to a server that said no: the next message gets a new connection, and no left-over reply.
        self._connection.close()
        return refusal_result(SmtpStage.DATA, code, reply, address)

    def _refusal(self, smtp: smtplib.SMTP, stage: SmtpStage, code: int, reply: bytes, address: str) -> DeliveryResult:
        """What a no before the message means; the connection goes on where it can."""
        if code == CLOSING_CODE:
            self._connection.close()
            return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, reply_text(code, reply, address))
        if is_login_refusal(code):
            self._connection.close()
            return DeliveryResult(
                DeliveryOutcome.NOT_SENT, FailureCause.LOGIN, reply_text(code, reply, address), is_fatal=True
            )
        try:
            with self._connection.deadline.within(self._connection.read_timeout):
                reset_code = smtp.rset()[0]
        except (OSError, smtplib.SMTPException):
            reset_code = 0
        if not 200 <= reset_code < 300:  # noqa: PLR2004 - the class of "yes"
            self._connection.close()
        result = refusal_result(stage, code, reply, address)
        if result.outcome is DeliveryOutcome.UNKNOWN:  # it never saw the message
            return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, result.reason)
        return result


def _is_time_out(error: Exception) -> bool:
    # smtplib turns a time-out into a lost connection.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _disconnected_result() -> DeliveryResult:
    return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, _("the mail server hung up"))


def _result_for_rest(result: DeliveryResult) -> DeliveryResult | None:
    """What `result` means for those after it; None where they may go on."""
    if result.outcome is DeliveryOutcome.NOT_SENT:
        return result
    if result.is_fatal:
        return DeliveryResult(DeliveryOutcome.NOT_SENT, result.cause, result.reason, is_fatal=True)
    if result.outcome is DeliveryOutcome.UNKNOWN:
        return (
            interrupted_result(DeliveryOutcome.NOT_SENT)
            if result.cause is FailureCause.INTERRUPTED
            else _disconnected_result()
        )
    return None


class SMTP:
    """Sends through the mail server at `url`.

    Args:
        url: smtp://user:password@host:587 or smtps://host:465; see `Server.at`.
        concurrency: Connections at once.
        connect_timeout: Seconds.
        read_timeout: Seconds for each reply, whole, before the message; and for the message to go out, beside what its
            size takes.
        data_timeout: Seconds for the reply to the message: servers look for viruses in between, and what takes them
            longer is unknown to us. With twice `read_timeout` it bounds all that is done for one message.
        trust: Which certificates are trusted; the system's if not given.

    Raises:
        WrongUsageError: `url` names no mail server.
    """

    name = "smtp"
    is_live = True
    batch_size = BATCH_SIZE

    def __init__(
        self,
        url: str,
        *,
        concurrency: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        data_timeout: float = 120,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        server = SmtpServer.from_url(url)
        self.concurrency = concurrency
        # Logins are addresses more often than not.
        login = hashlib.sha256(server.user.encode()).hexdigest()[:8] if server.user else ""
        self.identity = f"smtp {server.host}:{server.port}" + (f" login {login}" if login else "")
        tls_context = tls_context or ssl.create_default_context()
        self._open_connection = partial(SmtpConnection, server, tls_context, connect_timeout, read_timeout)
        self._messages = MessageBuilder()
        self._data_timeout = data_timeout

    def session(self) -> SMTPSession:
        """A connection of its own, opened with the first message."""
        return SMTPSession(self._open_connection(), self._messages, self._data_timeout)

    def validate(self, letter: Letter, sender: SenderIdentity) -> None:
        """Any letter goes by SMTP.

        How large a message may be the server tells when it is connected to, which is not done before something is to
        be sent: each message announces its size, and one that is too large is refused before it goes out.
        """
