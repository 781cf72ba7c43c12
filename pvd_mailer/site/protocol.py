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

_BUFFER_BYTES: Final = 16 * 1024
"""Bytes that are taken from a connection at once: so many can be held of one that is not read from."""
_FREE_PIECES: Final = 64
_MIN_PIECE_BYTES: Final = 128
"""Bytes: no body may come in smaller pieces, after the first `_FREE_PIECES`. TCP's smallest are four times as large."""
_MAX_DISCARDED_BYTES: Final = 1_000_000
"""Bytes of a body that are let by once it is answered, for the sake of those that come after it on the connection."""


class _Parser(h11.Connection):
    """Counts what comes of a body: each piece of it costs the same, however little is in it."""

    pieces = received = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self.pieces = self.received = 0
        elif isinstance(event, h11.Data):
            self.pieces += 1
            self.received += len(event.data)
            if self.pieces > _FREE_PIECES + self.received // _MIN_PIECE_BYTES:
                raise h11.RemoteProtocolError("the body comes in too many pieces")
        return event


class _Connection(H11Protocol, asyncio.BufferedProtocol):
    """One connection, among the others."""

    open_connections: Connections
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
        self.conn = self.parser = _Parser(h11.SERVER, config.h11_max_incomplete_event_size or _BUFFER_BYTES)
        self.network: str | None = None
        self.wait, self.waiting_since = Wait.SERVER, 0.0
        self._awaited_cycle: object = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take it in, or send it away."""
        super().connection_made(transport)  # type: ignore[arg-type] # uvicorn wants the kind that it always is
        if self.client:
            self.network = self.open_connections.network_of(self.client[0])
        if not self.open_connections.admit(self):
            self.transport.write(_busy())
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self.open_connections.remove(self)
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
        self.update_wait()
        if self.wait is Wait.DISCARD and self.parser.received > _MAX_DISCARDED_BYTES:
            self.drop()

    def on_response_complete(self) -> None:
        """Look for the next request, as uvicorn does, and what there is to wait for."""
        super().on_response_complete()
        self.update_wait()

    def pause_writing(self) -> None:
        """Hold back what the client does not take."""
        super().pause_writing()
        self.update_wait()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self.update_wait()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, wherever in a request it comes."""
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer is under way already
            self.transport.close()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def update_wait(self) -> None:
        """See what it waits for."""
        wait = self._current_wait()
        # Of one request after another the time begins anew, and so it does not with every byte of one.
        if wait is not self.wait or (wait is Wait.BODY and self.cycle is not self._awaited_cycle):
            self._awaited_cycle = self.cycle
            self.open_connections.set_wait(self, wait)

    def _current_wait(self) -> Wait:
        client_state = self.conn.their_state
        is_answered = self.cycle is None or self.cycle.response_complete
        if self.flow.write_paused or (is_answered and self.unsent_bytes()):
            return Wait.WRITING
        if client_state is h11.SEND_BODY:
            return Wait.DISCARD if is_answered else Wait.BODY
        if client_state is h11.IDLE:
            return Wait.HEAD if self.cycle is None or self.conn.trailing_data[0] else Wait.REQUEST
        return Wait.SERVER

    def unsent_bytes(self) -> int:
        """Bytes of its answer that its client has not taken."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """Close it at once."""
        self.transport.abort()


def protocol_for(connections: Connections) -> type[_Connection]:
    """Uvicorn's `http` for a server that holds `connections`."""
    return type("Connection", (_Connection,), {"open_connections": connections, "buffer": bytearray(_BUFFER_BYTES)})


def _busy() -> bytes:
    body = _("Many readers are here just now. Please try again in a minute.").encode() + b"\n"
    head = (
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
        f"Content-Length: {len(body)}\r\nRetry-After: 60\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
