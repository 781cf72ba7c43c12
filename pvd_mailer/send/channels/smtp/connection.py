"""A connection to the mail server: opened, made safe, logged in; for one thread."""

import base64
import contextlib
import smtplib
import socket
import ssl
from functools import cache
from typing import Any

from pvd_mailer.errors import os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import DeliveryOutcome, DeliveryResult, FailureCause
from pvd_mailer.send.channels.reasons import interrupted_result, redact
from pvd_mailer.send.channels.smtp.replies import CLOSING_CODE, reply_text
from pvd_mailer.send.channels.smtp.server import SmtpServer
from pvd_mailer.send.channels.sockets import Deadline, is_idle

__all__ = ["NoConnectionError", "SmtpConnection", "no_reply_result"]

QUIT_SECONDS = 2.0
"""Seconds that a server has to answer QUIT."""
MAX_MESSAGES_A_CONNECTION = 100
"""Messages a connection: many servers count them, and hang up in the middle of the next one."""
OK_CODE = 250
LOGGED_IN_CODE = 235


class NoConnectionError(Exception):
    """Nothing left: what it means for everybody still to be written to."""

    def __init__(self, result: DeliveryResult) -> None:
        super().__init__(result.reason)
        self.result = result


@cache
def _own_host_name() -> str:
    """How this machine introduces itself; asked once, a name server may be slow."""
    name = socket.getfqdn()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


class _BoundedSmtp(smtplib.SMTP):
    """Connects as its deadline says."""

    def __init__(self, deadline: Deadline, *where: Any, **more: Any) -> None:
        self._deadline = deadline
        super().__init__(*where, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._deadline.connect((host, port), timeout)

    def getreply(self) -> tuple[int, bytes]:
        """A reply that is whole: smtplib takes the fragment before the end of a connection for one, and we ended it."""
        reply = super().getreply()
        if self._deadline.is_aborted or self._deadline.is_expired:
            self.close()
            raise smtplib.SMTPServerDisconnected
        return reply


class _BoundedSmtpTls(smtplib.SMTP_SSL, _BoundedSmtp):
    """The same, by TLS from the first byte."""

    def __init__(self, deadline: Deadline, *where: Any, **more: Any) -> None:
        self._deadline = deadline
        smtplib.SMTP_SSL.__init__(self, *where, **more)


class SmtpConnection:
    """Opened when it is first needed, used for many messages, opened anew when it went stale.

    Args:
        server: Where to.
        trust: Which certificates are trusted.
        connect_timeout: Seconds.
        read_timeout: Seconds for each reply, whole.

    Attributes:
        deadline: Bounds whatever is done on the connection.
    """

    def __init__(
        self, server: SmtpServer, tls_context: ssl.SSLContext, connect_timeout: float, read_timeout: float
    ) -> None:
        self._server = server
        self._trust = tls_context
        self._connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.deadline = Deadline()
        self._smtp: smtplib.SMTP | None = None
        self._message_count = 0

    def close(self) -> None:
        """Take leave, if the connection is open."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException), self.deadline.within(QUIT_SECONDS):
            if smtp.sock:
                smtp.sock.settimeout(QUIT_SECONDS)
                smtp.quit()
        smtp.close()
        self.deadline.release()

    def acquire(self) -> tuple[smtplib.SMTP, bool]:
        """A connection to hand a message to, and whether it was used before.

        Raises:
            NoConnectionError: there is none to be had.
        """
        smtp = self._smtp
        if smtp is not None and smtp.sock and self._message_count < MAX_MESSAGES_A_CONNECTION and is_idle(smtp.sock):
            self._message_count += 1
            return smtp, True
        self.close()
        self._message_count = 1
        try:
            # The name, two of its addresses and the greeting; then EHLO, STARTTLS, EHLO again and the login.
            with self.deadline.within(3 * self._connect_timeout + 2 * self.read_timeout):
                self._smtp = self._open()
        except BaseException:
            self.deadline.release()
            raise
        return self._smtp, False

    def _open(self) -> smtplib.SMTP:
        server = self._server
        smtp_arguments = (server.host, server.port, _own_host_name())
        try:
            if server.tls:
                smtp: smtplib.SMTP = _BoundedSmtpTls(
                    self.deadline, *smtp_arguments, timeout=self._connect_timeout, context=self._trust
                )
            else:
                smtp = _BoundedSmtp(self.deadline, *smtp_arguments, timeout=self._connect_timeout)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise NoConnectionError(self._failure_result(error)) from error
        try:
            if smtp.sock:
                smtp.sock.settimeout(self.read_timeout)
            smtp.ehlo_or_helo_if_needed()
            self._secure(smtp)
            self._log_in(smtp)
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise NoConnectionError(self._failure_result(error)) from error
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _failure_result(self, error: Exception) -> DeliveryResult:
        if self.deadline.is_aborted:
            return interrupted_result(DeliveryOutcome.NOT_SENT)
        if self.deadline.is_expired:
            return no_reply_result()
        return _unreachable_result(error, self._server.host)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        if not self._server.starttls:
            return
        if not smtp.has_extn("starttls"):
            raise NoConnectionError(
                _fatal_result(FailureCause.UNREACHABLE, _("the mail server offers no encryption (STARTTLS)"))
            )
        smtp.starttls(context=self._trust)
        smtp.ehlo()

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        user, password = self._server.user, self._server.password
        if not user:
            return
        if not smtp.has_extn("auth"):
            raise NoConnectionError(_fatal_result(FailureCause.LOGIN, _("the mail server offers no login")))
        if (user + password).isascii():
            smtp.login(user, password)
            return
        # smtplib knows ASCII alone here; RFC 4616 says UTF-8.
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
        code, reply = smtp.docmd("AUTH", f"PLAIN {secret}")
        if code != LOGGED_IN_CODE:
            raise smtplib.SMTPAuthenticationError(code, reply)


def no_reply_result() -> DeliveryResult:
    """The result for a server that did not answer before the message went out."""
    return DeliveryResult(
        DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, _("the mail server did not answer in time")
    )


def _fatal_result(cause: FailureCause, text: str) -> DeliveryResult:
    return DeliveryResult(DeliveryOutcome.NOT_SENT, cause, text, is_fatal=True)


def _unreachable_result(error: Exception, host: str) -> DeliveryResult:
    """What a failure to connect means; no message has left."""
    if isinstance(error, ssl.SSLCertVerificationError):
        text = _("the server's certificate is not trusted: {reason}").format(reason=redact(error.verify_message))
        return _fatal_result(FailureCause.UNREACHABLE, text)
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        reply = reply_text(error.smtp_code, raw if isinstance(raw, bytes) else raw.encode())
        if error.smtp_code == CLOSING_CODE or OK_CODE < error.smtp_code < 500:  # noqa: PLR2004 - the class of "not now"
            return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.THROTTLED, reply)
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return _fatal_result(FailureCause.LOGIN, reply)
        return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, reply)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, _("the mail server hung up"))
    if isinstance(error, smtplib.SMTPException):  # no way of logging in that both sides know
        return _fatal_result(FailureCause.LOGIN, redact(str(error)))
    cause = os_error_reason(error) if isinstance(error, OSError) else type(error).__name__
    text = _("no connection to {host}: {reason}").format(host=host, reason=redact(cause))
    return DeliveryResult(DeliveryOutcome.NOT_SENT, FailureCause.UNREACHABLE, text)
