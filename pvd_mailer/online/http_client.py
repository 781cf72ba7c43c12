"""The way out: HTTP that never reaches a private network, whatever a name or a redirect says, and never waits for long.

A name is resolved once, every address that it has is looked at, and the connection goes to the very address that was
looked at: a name that answers otherwise the next time (DNS rebinding) gains nothing. There is no proxy and no
keep-alive, so that each connection is judged by itself and has an end.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from pvd_mailer.online.reach import IpAddress, IpNetwork, is_public_ip, unwrap_ip

__all__ = ["AddressPolicy", "GuardedTransport", "PrivateAddressError", "UnknownHostError"]

CONNECT_TIMEOUT, REQUEST_TIMEOUT = 8.0, 20.0
"""Seconds: until somebody listens, and for one request with all of its answer."""
_NO_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class UnknownHostError(httpcore.ConnectError):
    """There is no such name."""


class PrivateAddressError(httpcore.ConnectError):
    """The name leads to where no reader gets."""


def _resolve_host(host: str, port: int) -> list[str]:
    """The addresses of `host`, each once.

    Raises:
        UnknownHostError: it has none.
        httpcore.ConnectTimeout: nobody could say; this machine may have no network.
    """
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise UnknownHostError(str(error)) from error
    except OSError as error:
        if error.errno in _NO_NAME:
            raise UnknownHostError(str(error)) from error
        raise httpcore.ConnectTimeout(str(error)) from error
    return list(dict.fromkeys(str(info[4][0]).partition("%")[0] for info in infos))


@dataclass(frozen=True)
class AddressPolicy:
    """Says where connections may go.

    Attributes:
        allowed: Networks that may be reached although they are private: for tests, whose servers are on the loopback.
        resolve: Gives the addresses of a name.
    """

    allowed: tuple[IpNetwork, ...] = ()
    resolve: Callable[[str, int], list[str]] = field(default=_resolve_host)

    def public_addresses(self, host: str, port: int) -> list[str]:
        """The addresses that `host` may be reached at.

        Raises:
            UnknownHostError: there is no such name.
            PrivateAddressError: one of its addresses is not public: then none of them is trusted.
        """
        addresses = self.resolve(host, port)
        if not addresses:
            raise UnknownHostError(host)
        for address in addresses:
            if not self._is_public(ipaddress.ip_address(address)):
                raise PrivateAddressError(host)
        return addresses

    def _is_public(self, ip: IpAddress) -> bool:
        inner = unwrap_ip(ip)
        return is_public_ip(ip) or any(
            inner.version == network.version and inner in network for network in self.allowed
        )


class _Stream(httpcore.NetworkStream):
    """A connection with an end: who sends a byte now and then cannot hold it open."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def _remaining(self, timeout: float | None, error: type[Exception]) -> float:
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise error
        return remaining if timeout is None else min(remaining, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._remaining(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._remaining(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        remaining = self._remaining(timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, remaining), self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Opens connections to the addresses that the guard looked at, and to no other."""

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        end = time.monotonic() + REQUEST_TIMEOUT
        error: Exception = UnknownHostError(host)
        for address in self._policy.public_addresses(host, port):
            remaining = min(timeout or CONNECT_TIMEOUT, end - time.monotonic())
            if remaining <= 0:
                raise httpcore.ConnectTimeout
            try:
                return _Stream(self._inner.connect_tcp(address, port, remaining, local_address, socket_options), end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed  # a host may have an address of IPv6 that does not work, and one of IPv4 that does
        raise error


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close:
            close()


class GuardedTransport(httpx.BaseTransport):
    """httpx's door to the network, with the guard in it. What fails raises httpcore's errors."""

    def __init__(self, policy: AddressPolicy, ssl_context: ssl.SSLContext | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context or ssl.create_default_context(),
            network_backend=_Backend(policy),
            max_keepalive_connections=0,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, and give the head of its answer.

        Raises:
            httpcore.TimeoutException: no answer in time.
            httpcore.NetworkError: no connection, or a broken one.
            httpcore.ProtocolError: what came was no HTTP.
        """
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        if not isinstance(answer.stream, Iterable):
            raise TypeError(answer.stream)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()
