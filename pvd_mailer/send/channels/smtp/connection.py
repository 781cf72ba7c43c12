"""A connection to the mail server: opened, made safe, logged in; for one thread."""

import base64
import contextlib
import smtplib
import socket
import ssl
from functools import cache
from typing import Any

from pvd_mailer.errors import reason
from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Cause, Outcome, Result
from pvd_mailer.send.channels.reasons import interrupted, tidy
from pvd_mailer.send.channels.smtp.replies import CLOSING, words
from pvd_mailer.send.channels.smtp.server import Server
from pvd_mailer.send.channels.sockets import Deadline, is_quiet

__all__ = ["Connection", "NoConnectionError", "silent"]

FAREWELL = 2.0
"""Seconds that a server has to answer QUIT."""
MESSAGES = 100
"""Messages a connection: many servers count them, and hang up in the middle of the next one."""
OK = 250
LOGGED_IN = 235


class NoConnectionError(Exception):
    """Nothing left: what it means for everybody still to be written to."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result


@cache
def _own_name() -> str:
    """How this machine introduces itself; asked once, a name server may be slow."""
    name = socket.getfqdn()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


class _Bounded(smtplib.SMTP):
    """Connects as its deadline says."""

    def __init__(self, deadline: Deadline, *where: Any, **more: Any) -> None:
        self._deadline = deadline
        super().__init__(*where, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._deadline.connect((host, port), timeout)

    def getreply(self) -> tuple[int, bytes]:
        """A reply that is whole: smtplib takes the fragment before the end of a connection for one, and we ended it."""
        reply = super().getreply()
        if self._deadline.is_cut or self._deadline.is_late:
            self.close()
            raise smtplib.SMTPServerDisconnected
        return reply


class _BoundedTLS(smtplib.SMTP_SSL, _Bounded):
    """The same, by TLS from the first byte."""

    def __init__(self, deadline: Deadline, *where: Any, **more: Any) -> None:
        self._deadline = deadline
        smtplib.SMTP_SSL.__init__(self, *where, **more)


class Connection:
    """Opened when it is first needed, used for many messages, opened anew when it went stale.

    Args:
        server: Where to.
        trust: Which certificates are trusted.
        connect_timeout: Seconds.
        read_timeout: Seconds for each reply, whole.

    Attributes:
        deadline: Bounds whatever is done on the connection.
    """

    def __init__(self, server: Server, trust: ssl.SSLContext, connect_timeout: float, read_timeout: float) -> None:
        self._server = server
        self._trust = trust
        self._connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.deadline = Deadline()
        self._smtp: smtplib.SMTP | None = None
        self._used = 0

    def close(self) -> None:
        """Take leave, if the connection is open."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException), self.deadline.within(FAREWELL):
            if smtp.sock:
                smtp.sock.settimeout(FAREWELL)
                smtp.quit()
        smtp.close()
        self.deadline.release()

    def ready(self) -> tuple[smtplib.SMTP, bool]:
        """A connection to hand a message to, and whether it was used before.

        Raises:
            NoConnectionError: there is none to be had.
        """
        smtp = self._smtp
        if smtp is not None and smtp.sock and self._used < MESSAGES and is_quiet(smtp.sock):
            self._used += 1
            return smtp, True
        self.close()
        self._used = 1
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
        where = (server.host, server.port, _own_name())
        try:
            if server.tls:
                smtp: smtplib.SMTP = _BoundedTLS(
                    self.deadline, *where, timeout=self._connect_timeout, context=self._trust
                )
            else:
                smtp = _Bounded(self.deadline, *where, timeout=self._connect_timeout)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise NoConnectionError(self._unreached(error)) from error
        try:
            if smtp.sock:
                smtp.sock.settimeout(self.read_timeout)
            smtp.ehlo_or_helo_if_needed()
            self._secure(smtp)
            self._log_in(smtp)
        except (OSError, smtplib.SMTPException) as error:
            smtp.close()
            raise NoConnectionError(self._unreached(error)) from error
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _unreached(self, error: Exception) -> Result:
        if self.deadline.is_cut:
            return interrupted(Outcome.NOT_SENT)
        if self.deadline.is_late:
            return silent()
        return _unreached(error, self._server.host)

    def _secure(self, smtp: smtplib.SMTP) -> None:
        if not self._server.starttls:
            return
        if not smtp.has_extn("starttls"):
            raise NoConnectionError(_halt(Cause.UNREACHABLE, _("the mail server offers no encryption (STARTTLS)")))
        smtp.starttls(context=self._trust)
        smtp.ehlo()

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        user, password = self._server.user, self._server.password
        if not user:
            return
        if not smtp.has_extn("auth"):
            raise NoConnectionError(_halt(Cause.LOGIN, _("the mail server offers no login")))
        if (user + password).isascii():
            smtp.login(user, password)
            return
        # smtplib knows ASCII alone here; RFC 4616 says UTF-8.
        secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
        code, reply = smtp.docmd("AUTH", f"PLAIN {secret}")
        if code != LOGGED_IN:
            raise smtplib.SMTPAuthenticationError(code, reply)


def silent() -> Result:
    """The result for a server that did not answer before the message went out."""
    return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, _("the mail server did not answer in time"))


def _halt(cause: Cause, text: str) -> Result:
    return Result(Outcome.NOT_SENT, cause, text, halts=True)


def _unreached(error: Exception, host: str) -> Result:
    """What a failure to connect means; no message has left."""
    if isinstance(error, ssl.SSLCertVerificationError):
        said = _("the server's certificate is not trusted: {reason}").format(reason=tidy(error.verify_message))
        return _halt(Cause.UNREACHABLE, said)
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        reply = words(error.smtp_code, raw if isinstance(raw, bytes) else raw.encode())
        if error.smtp_code == CLOSING or OK < error.smtp_code < 500:  # noqa: PLR2004 - the class of "not now"
            return Result(Outcome.NOT_SENT, Cause.THROTTLED, reply)
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return _halt(Cause.LOGIN, reply)
        return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, reply)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, _("the mail server hung up"))
    if isinstance(error, smtplib.SMTPException):  # no way of logging in that both sides know
        return _halt(Cause.LOGIN, tidy(str(error)))
    cause = reason(error) if isinstance(error, OSError) else type(error).__name__
    said = _("no connection to {host}: {reason}").format(host=host, reason=tidy(cause))
    return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, said)
