"""HTTP/1.1 by uvicorn and h11, with what they lack: each wait for a client has an end, and each client its share."""

import asyncio
from typing import Any, Final

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from pvd_mailer.i18n import _
from pvd_mailer.site.connections import Connections, Wait

__all__ = ["protocol_for"]

RECEIVED: Final = 16 * 1024
"""Bytes that are taken from a connection at once: so many can be held of one that is not read from."""
FEW: Final = 64
PIECE: Final = 128
"""Bytes: no body may come in smaller pieces, after the first `FEW`. TCP's smallest are four times as large."""
REST: Final = 1_000_000
"""Bytes of a body that are let by once it is answered, for the sake of those that come after it on the connection."""


class _Parser(h11.Connection):
    """Counts what comes of a body: each piece of it costs the same, however little is in it."""

    pieces = read = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.pieces = self.read = 0
        elif isinstance(event, h11.Data):
            self.pieces += 1
            self.read += len(event.data)
            if self.pieces > FEW + self.read // PIECE:
                raise h11.RemoteProtocolError("the body comes in too many pieces")
        return event


class _Connection(H11Protocol, asyncio.BufferedProtocol):
    """One connection, among the others."""

    others: Connections
    buffer: bytearray
    """What was received last, by whichever of them: it is used up before another one receives."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = self.parser = _Parser(h11.SERVER, config.h11_max_incomplete_event_size or RECEIVED)
        self.network: str | None = None
        self.wait, self.since = Wait.US, 0.0
        self._looked_at: object = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in, or send it away."""
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn wants the kind that it always is
        if self.client:
            self.network = self.others.network_of(self.client[0])
        if not self.others.enter(self):
            self.transport.write(_busy())
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.others.leave(self)
        super().connection_lost(exc)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Where to put what comes."""
        del sizehint
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Read it."""
        self.data_received(bytes(memoryview(self.buffer)[:nbytes]))

    def handle_events(self) -> None:
        """Go on with what came, and see what there is to wait for."""
        super().handle_events()
        self.look()
        if self.wait is Wait.REST and self.parser.read > REST:
            self.drop()

    def on_response_complete(self) -> None:
        """Look for the next request, as uvicorn does, and what there is to wait for."""
        super().on_response_complete()
        self.look()

    def pause_writing(self) -> None:
        """Hold back what the client does not take."""
        super().pause_writing()
        self.look()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self.look()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, wherever in a request it comes."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer is under way already
            self.transport.close()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def look(self) -> None:
        """See what it waits for."""
        wait = self._waits_for()
        # Of one request after another the time begins anew, and so it does not with every byte of one.
        if wait is not self.wait or (wait is Wait.BODY and self.cycle is not self._looked_at):
            self._looked_at = self.cycle
            self.others.turn(self, wait)

    def _waits_for(self) -> Wait:
        theirs = self.conn.their_state
        answered = self.cycle is None or self.cycle.response_complete
        if self.flow.write_paused or (answered and self.unsent()):
            return Wait.TAKING
        if theirs is h11.SEND_BODY:
            return Wait.REST if answered else Wait.BODY
        if theirs is h11.IDLE:
            return Wait.HEAD if self.cycle is None or self.conn.trailing_data[0] else Wait.REQUEST
        return Wait.US

    def unsent(self) -> int:
        """Bytes of its answer that its client has not taken."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """Close it at once."""
        self.transport.abort()


def protocol_for(connections: Connections) -> type[_Connection]:
    """Uvicorn's `http` for a server that holds `connections`."""
    return type("Connection", (_Connection,), {"others": connections, "buffer": bytearray(RECEIVED)})


def _busy() -> bytes:
    words = _("Many readers are here just now. Please try again in a minute.").encode() + b"\n"
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
        f"Content-Length: {len(words)}\r\nRetry-After: 60\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + words
