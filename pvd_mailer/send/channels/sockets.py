"""Whether a connection that was kept open can be used once more."""

import selectors
import socket

__all__ = ["is_quiet"]


def is_quiet(sock: socket.socket) -> bool:
    """Whether nothing is to be read from `sock`: between calls, that would be the other side's farewell."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return not selector.select(0)
