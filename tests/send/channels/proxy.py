"""A proxy that speaks CONNECT (RFC 9110) and no more."""

import socket
import threading
from contextlib import contextmanager

__all__ = ["proxy"]


def _pass_on(one, other):
    while data := one.recv(65536):
        other.sendall(data)
    other.close()


def _serve(client, asked, *, willing):
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    asked.append(head.decode())
    if not willing:
        client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        client.close()
        return
    host, _colon, port = head.split()[1].decode().rpartition(":")
    with client, socket.create_connection((host, int(port)), timeout=10) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_swallow, args=(server, client))
        back.start()
        _swallow(client, server)
        back.join()


def _swallow(one, other):
    try:
        _pass_on(one, other)
    except OSError:
        one.close()


@contextmanager
def proxy(*, willing=True):
    """A proxy on the loopback: its port, and the heads of what it was asked."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept():
            while True:
                try:
                    client, _address = listening.accept()
                except OSError:
                    return
                threading.Thread(target=_serve, args=(client, asked), kwargs={"willing": willing}, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1], asked
        listening.shutdown(socket.SHUT_RDWR)
