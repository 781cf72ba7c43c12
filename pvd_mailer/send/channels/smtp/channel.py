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
from pvd_mailer.letter.mime import build
from pvd_mailer.send.channels.base import Cause, Consignment, Outcome, Result, Sender
from pvd_mailer.send.channels.reasons import interrupted, no_address
from pvd_mailer.send.channels.smtp.connection import Connection, NoConnectionError, silent
from pvd_mailer.send.channels.smtp.replies import CLOSING, Stage, is_login, refusal, words
from pvd_mailer.send.channels.smtp.server import Server
from pvd_mailer.send.channels.sockets import SLOWEST

__all__ = ["SMTP", "SMTPSession"]

IN_FLIGHT = 20
"""Recipients a batch: what a kill leaves unknown on one connection."""
GO_ON = 354


class _LostError(Exception):
    """The connection broke before the server had the whole message: nothing left, and what that means."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result


class SMTPSession:
    """One connection to the mail server, used by one thread."""

    def __init__(self, connection: Connection, data_timeout: float) -> None:
        self._connection = connection
        self._data_timeout = data_timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def abort(self) -> None:
        """Cut the connection: a message that went out has no answer any more, and no other goes out."""
        self._connection.deadline.cut()

    def deliver(self, consignment: Consignment) -> Iterator[tuple[str | None, Result]]:
        """One message after the other; stops at the first that tells of more than its own recipient."""
        last = len(consignment.addressees)
        for number, addressee in enumerate(consignment.addressees, 1):
            if self._connection.deadline.is_cut:
                yield None, interrupted(Outcome.NOT_SENT)
                return
            try:
                message = build(consignment.letter, consignment.envelope(addressee))
                address = wire_address(addressee.address)
            except ValueError:
                yield addressee.ref, no_address()
                continue
            try:
                result = self._hand_over(wire_address(consignment.sender.address), address, message)
            except NoConnectionError as error:
                yield None, error.result
                return
            if result.outcome is not Outcome.NOT_SENT:
                yield addressee.ref, result
            rest = _rest(result)
            if rest:
                if number < last or result.outcome is Outcome.NOT_SENT:
                    yield None, rest
                return

    def _hand_over(self, sender: str, address: str, message: bytes) -> Result:
        smtp, used = self._connection.ready()
        try:
            return self._transaction(smtp, sender, address, message)
        except _LostError as lost:
            self._connection.close()
            if not used or self._connection.deadline.is_cut:
                return lost.result
        # It had grown old between two messages. Nothing left by it, so another connection may try.
        smtp, _used = self._connection.ready()
        try:
            return self._transaction(smtp, sender, address, message)
        except _LostError as lost:
            self._connection.close()
            return lost.result

    def _transaction(self, smtp: smtplib.SMTP, sender: str, address: str, message: bytes) -> Result:
        """Raises _LostError while it is certain that nothing left."""
        deadline, each = self._connection.deadline, self._connection.read_timeout
        sending = each + len(message) / SLOWEST
        with deadline.within(sending + each + self._data_timeout):
            try:
                refused = self._announce(smtp, sender, address, message)
                if refused:
                    return refused
                # Without the line that ends it, which goes last, no server takes a message (RFC 5321, 4.1.1.4).
                self._send(smtp, message, sending)
            except (OSError, smtplib.SMTPException) as error:
                raise _LostError(self._lost(error)) from error
            try:
                return self._answer(smtp, address)
            except (OSError, smtplib.SMTPException) as error:
                self._connection.close()
                if deadline.is_cut:
                    return interrupted(Outcome.UNKNOWN)
                if deadline.is_late or _is_time_out(error):
                    return Result(Outcome.UNKNOWN, Cause.NO_ANSWER, _("no answer in time"))
                return Result(Outcome.UNKNOWN, Cause.CUT, _("the connection broke before the answer was whole"))

    def _lost(self, error: Exception) -> Result:
        deadline = self._connection.deadline
        if deadline.is_cut:
            return interrupted(Outcome.NOT_SENT)
        return silent() if deadline.is_late or _is_time_out(error) else _hung_up()

    def _announce(self, smtp: smtplib.SMTP, sender: str, address: str, message: bytes) -> Result | None:
        """MAIL, RCPT and DATA, up to the server's leave to go on; otherwise why not."""
        international = not message.isascii() or not address.isascii() or not sender.isascii()
        if international and not smtp.has_extn("smtputf8"):
            said = _("the mail server takes no address with a letter outside ASCII before the @")
            return Result(Outcome.REFUSED, Cause.ADDRESS, said)
        options = [f"SIZE={len(message)}"] if smtp.has_extn("size") else []
        options += ["SMTPUTF8", "BODY=8BITMIME"] if international else []
        steps = (
            (Stage.MAIL, partial(smtp.mail, sender, options)),
            (Stage.RCPT, partial(smtp.rcpt, address)),
        )
        deadline, each = self._connection.deadline, self._connection.read_timeout
        for stage, ask in steps:
            with deadline.within(each):
                code, reply = ask()
            if not 200 <= code < 300:  # noqa: PLR2004 - the class of "yes"
                return self._refused(smtp, stage, code, reply, address)
        with deadline.within(each):
            code, reply = smtp.docmd("DATA")
        return None if code == GO_ON else self._refused(smtp, Stage.DATA, code, reply, address)

    def _send(self, smtp: smtplib.SMTP, message: bytes, seconds: float) -> None:
        if smtp.sock:
            smtp.sock.settimeout(seconds)
        dotted = message.replace(b"\r\n.", b"\r\n..")
        end = b".\r\n" if dotted.endswith(b"\r\n") else b"\r\n.\r\n"
        with self._connection.deadline.within(seconds):
            smtp.send((b"." if dotted.startswith(b".") else b"") + dotted + end)

    def _answer(self, smtp: smtplib.SMTP, address: str) -> Result:
        if smtp.sock:
            smtp.sock.settimeout(self._data_timeout)
        with self._connection.deadline.within(self._data_timeout):
            code, reply = smtp.getreply()
        if 200 <= code < 300:  # noqa: PLR2004 - the class of "yes"
            if smtp.sock:
                smtp.sock.settimeout(self._connection.read_timeout)
            return Result(Outcome.ACCEPTED)
        # Nothing is owed to a server that said no: the next message gets a new connection, and no left-over reply.
        self._connection.close()
        return refusal(Stage.DATA, code, reply, address)

    def _refused(self, smtp: smtplib.SMTP, stage: Stage, code: int, reply: bytes, address: str) -> Result:
        """What a no before the message means; the connection goes on where it can."""
        if code == CLOSING:
            self._connection.close()
            return Result(Outcome.NOT_SENT, Cause.THROTTLED, words(code, reply, address))
        if is_login(code):
            self._connection.close()
            return Result(Outcome.NOT_SENT, Cause.LOGIN, words(code, reply, address), halts=True)
        try:
            with self._connection.deadline.within(self._connection.read_timeout):
                known = smtp.rset()[0]
        except (OSError, smtplib.SMTPException):
            known = 0
        if not 200 <= known < 300:  # noqa: PLR2004 - the class of "yes"
            self._connection.close()
        result = refusal(stage, code, reply, address)
        if result.outcome is Outcome.UNKNOWN:  # it never saw the message
            return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, result.reason)
        return result


def _is_time_out(error: Exception) -> bool:
    # smtplib turns a time-out into a lost connection.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _hung_up() -> Result:
    return Result(Outcome.NOT_SENT, Cause.UNREACHABLE, _("the mail server hung up"))


def _rest(result: Result) -> Result | None:
    """What `result` means for those after it; None where they may go on."""
    if result.outcome is Outcome.NOT_SENT:
        return result
    if result.halts:
        return Result(Outcome.NOT_SENT, result.cause, result.reason, halts=True)
    if result.outcome is Outcome.UNKNOWN:
        return interrupted(Outcome.NOT_SENT) if result.cause is Cause.INTERRUPTED else _hung_up()
    return None


class SMTP:
    """Sends through the mail server at `url`.

    Args:
        url: smtp://user:password@host:587 or smtps://host:465; see `Server.at`.
        lanes: Connections at once.
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
    leaves = True
    batch_size = IN_FLIGHT

    def __init__(
        self,
        url: str,
        *,
        lanes: int = 4,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        data_timeout: float = 120,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        server = Server.at(url)
        self.lanes = lanes
        # Logins are addresses more often than not.
        login = hashlib.sha256(server.user.encode()).hexdigest()[:8] if server.user else ""
        self.identity = f"smtp {server.host}:{server.port}" + (f" login {login}" if login else "")
        trust = trust or ssl.create_default_context()
        self._connection = partial(Connection, server, trust, connect_timeout, read_timeout)
        self._data_timeout = data_timeout

    def session(self) -> SMTPSession:
        """A connection of its own, opened with the first message."""
        return SMTPSession(self._connection(), self._data_timeout)

    def vet(self, letter: Letter, sender: Sender) -> None:
        """Any letter goes by SMTP.

        How large a message may be the server tells when it is connected to, which is not done before something is to
        be sent: each message announces its size, and one that is too large is refused before it goes out.
        """
