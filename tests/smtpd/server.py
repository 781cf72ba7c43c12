"""The mail server: aiosmtpd in a thread of its own."""

import asyncio
import logging
import threading
from collections import deque
from contextlib import suppress

from aiosmtpd.smtp import SMTP, AuthResult

from tests.sendgrid.ledger import Ledger
from tests.smtpd.message import read_message

__all__ = ["FAULTS", "MailServer"]

# It writes every line of every message at DEBUG; tests look at what the program logs.
logging.getLogger("mail.log").addFilter(lambda _record: False)  # `disabled` is undone by whoever configures logging
logging.getLogger("mail.debug").disabled = True

FAULTS = (
    "mail-550",
    "mail-451",
    "mail-421",
    "mail-530",
    "mail-cut",
    "rcpt-550",
    "rcpt-552",  # 5.2.2, a full mailbox
    "rcpt-554",  # 5.7.1, a server that does not relay
    "rcpt-451",
    "rcpt-421",
    "rcpt-cut",
    "rcpt-stall",
    "rcpt-trickle",  # a reply of many lines that comes byte by byte and never ends
    "data-554",
    "data-451",
    "data-421",
    "data-cut",
    "body-554",  # from here on: after the whole message
    "body-451",
    "body-421",
    "body-cut",  # not accepted
    "body-accepted-cut",
    "body-stall",  # not accepted
    "body-accepted-stall",
    "body-accepted-trickle",
    "body-accepted-late",  # accepted, and answered well after a while
    "body-accepted-garbage",
    "body-accepted-close",  # accepted, answered well, and closed
)
WORDS = {
    "rcpt-550": "550 5.1.1 <{address}>: Recipient address rejected: User {local} unknown",
    "rcpt-552": "552 5.2.2 <{address}>: Mailbox full",
    "rcpt-554": "554 5.7.1 <{address}>: Relay access denied",
    "rcpt-451": "451 4.7.1 <{address}>: Greylisted, please try again",
    "mail-530": "530 5.7.0 Authentication required",
    "body-554": "554 5.7.1 Message rejected as spam",
}


class _Protocol(SMTP):
    """aiosmtpd's server, which has no hook at DATA itself, nor for hanging up."""

    def connection_made(self, transport):
        self.event_handler.open.add(transport)
        self.event_handler.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error):
        self.event_handler.open.discard(self.transport)
        self.event_handler.order.pop(self, None)
        super().connection_lost(error)

    async def smtp_DATA(self, arg):  # noqa: N802 - aiosmtpd names it
        answer = await self.event_handler.play(self, "data", "")
        if answer:
            await self.push(answer)
        elif self.transport and not self.transport.is_closing():
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, ledger, faults, mix, patience, login, keep):
        self.ledger = ledger
        self.faults = deque(faults)
        self.mix = mix
        self.patience = patience
        self.login = login
        self.keep = keep
        self.open = set()
        self.connections = 0
        self.senders = []
        self.order = {}

    async def play(self, server, stage, address):
        """Play the fault of this message if it is for `stage`; gives back the reply to say instead, if any."""
        fault = self.order.get(server) or ""
        if fault.partition("-")[0] != stage:
            return None
        kind = fault.rpartition("-")[2]
        if kind == "cut":
            server.transport.abort()
            return None
        if kind == "stall":
            await asyncio.sleep(self.patience)
            server.transport.abort()
            return None
        if kind == "trickle":
            await self._trickle(server.transport)
            return None
        if kind == "garbage":
            return "what do you mean"
        if kind == "late":
            await asyncio.sleep(self.patience)
            return None
        if kind == "close":
            return None
        local = address.rpartition("@")[0]
        words = WORDS.get(fault, f"{kind} {'4' if kind[0] == '4' else '5'}.0.0 as it was ordered")
        if kind == "421":
            await server.push(f"421 4.3.2 {fault}: closing")
            server.transport.close()
            return None
        return words.format(address=address, local=local)

    async def _trickle(self, transport):
        """Say yes in so many lines that it never ends."""
        until = asyncio.get_running_loop().time() + self.patience
        while asyncio.get_running_loop().time() < until and not transport.is_closing():
            for char in b"250-yes\r\n":
                transport.write(bytes([char]))
                await asyncio.sleep(0.1)
        transport.abort()

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd names it
        fault = self.faults.popleft() if self.faults else self.mix and self.mix()
        assert fault is None or fault in FAULTS, fault
        self.order[server] = fault
        if self.keep:
            self.senders.append(address)
        if self.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        answer = await self.play(server, "mail", address)
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd names it
        del session
        answer = await self.play(server, "rcpt", address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd names it
        del session
        fault = self.order.get(server) or ""
        if not fault.startswith("body") or "accepted" in fault:
            self.ledger.write(
                [read_message(envelope.original_content, address, keep=self.keep) for address in envelope.rcpt_tos]
            )
        answer = await self.play(server, "body", envelope.rcpt_tos[0])
        if fault == "body-accepted-close":
            await server.push("250 OK")
            server.transport.close()
            return None
        return answer or "250 OK"

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        said = (data.login.decode(), data.password.decode())
        return AuthResult(success=said == self.login, handled=False)  # the reply is the server’s own


class MailServer:
    """The server, running from `with` to the end of it.

    Args:
        port: 0 for a free one.
        ledger: A file for it.
        keep: Whether the messages stay in memory.
        faults: The script, a fault or None a message.
        mix: What happens when the script is at its end.
        patience: Seconds that a stall lasts.
        login: The (user, password) that it wants.
        tls: A server's context for STARTTLS, or for smtps.
        implicit: TLS from the first byte.
        utf8: Whether it takes SMTPUTF8.
        size: The largest message, in bytes.
    """

    def __init__(
        self,
        *,
        port=0,
        ledger=None,
        keep=True,
        faults=(),
        mix=None,
        patience=60.0,
        login=None,
        tls=None,
        implicit=False,
        utf8=True,
        size=33_554_432,
    ):
        self.ledger = Ledger(ledger, keep=keep)
        self._handler = _Handler(self.ledger, faults, mix, patience, login, keep)
        self._port = port
        self._tls = tls
        self._implicit = implicit
        self._options = {
            "data_size_limit": size,
            "enable_SMTPUTF8": utf8,
            "hostname": "mail.example.org",
            "tls_context": None if implicit else tls,
            "auth_require_tls": False,
            "authenticator": self._handler.authenticate if login else None,
        }
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._server = None
        self.port = port

    def _protocol(self):
        return _Protocol(self._handler, loop=self._loop, **self._options)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        # A connection that is cut on order is no news.
        self._loop.set_exception_handler(lambda *_: None)
        tls = self._tls if self._implicit else None
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", self._port, ssl=tls, backlog=512)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    def __enter__(self):
        self._thread.start()
        self._ready.wait(30)
        return self

    def __exit__(self, *_error):
        self.close()

    def close(self):
        """Stop; connections still open are cut."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.ledger.close()

    async def _end(self):
        self._server.close()
        for transport in list(self._handler.open):
            with suppress(AttributeError):  # asyncio of 3.11.2: a TLS transport that is shut down has lost its protocol
                transport.abort()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    def hang_up(self):
        """Close every connection that is open, as a server does with those that are idle."""

        async def now():
            for transport in list(self._handler.open):
                transport.close()
            await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(now(), self._loop).result(30)

    def play(self, *faults):
        """Let the next messages fail like this, each once."""
        self._loop.call_soon_threadsafe(self._handler.faults.extend, faults)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def accepted(self):
        """Who was really accepted, in the order."""
        return self.ledger.accepted

    @property
    def connections(self):
        """How many there were."""
        return self._handler.connections

    @property
    def senders(self):
        """The return path of each message begun."""
        return self._handler.senders
