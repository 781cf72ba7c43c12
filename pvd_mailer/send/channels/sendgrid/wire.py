"""One HTTP connection, kept open between calls, that knows how far a call came when it fails."""

import base64
import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from pvd_mailer.errors import os_error_reason
from pvd_mailer.send.channels.sockets import MIN_BYTES_A_SECOND, Deadline, is_idle

__all__ = [
    "ApiResponse",
    "CallBody",
    "ConnectionBrokenError",
    "HttpConnection",
    "InvalidResponseError",
    "NoResponseError",
    "UnreachableError",
    "UntrustedCertificateError",
]

MAX_RESPONSE_BYTES = 1_000_000
"""Bytes read of an answer; SendGrid's are a few hundred, or nothing."""
MAX_IDLE_SECONDS = 20
"""Seconds after which a connection is not used again: servers close theirs after 60 or so, perhaps as we write."""


class UnreachableError(Exception):
    """Not a byte of the call left: no such host, refused, no answer to the connection."""


class UntrustedCertificateError(UnreachableError):
    """The server's certificate is not to be trusted."""


class ConnectionBrokenError(Exception):
    """The connection broke while the call went out or before its answer was whole."""


class NoResponseError(Exception):
    """The call went out, and no answer came in time."""


class InvalidResponseError(Exception):
    """What came back is not HTTP."""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What a server said, complete."""

    status: int
    headers: Message
    body: bytes


class CallBody:
    """The bytes of a call in pieces, so that what is the same each time is never copied; its text tells only a size."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.size = sum(map(len, pieces))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def __str__(self) -> str:
        return f"<{self.size} bytes>"

    __repr__ = __str__


def _https(host: str, port: int | None, tls_context: ssl.SSLContext, timeout: float) -> http.client.HTTPSConnection:
    """A connection to `host`, through the proxy that the system names, if it names one (HTTPS_PROXY, NO_PROXY).

    Many town halls reach the world through one. It sees the host's name and nothing of the call: TLS goes through it.
    """
    proxy = getproxies().get("https")
    if not proxy or proxy_bypass(host):
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=tls_context)
    proxy_parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    connection = http.client.HTTPSConnection(
        proxy_parts.hostname or "", proxy_parts.port or 3128, timeout=timeout, context=tls_context
    )
    login = {}
    if proxy_parts.username:
        credentials = f"{unquote(proxy_parts.username)}:{unquote(proxy_parts.password or '')}"
        login["Proxy-Authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
    connection.set_tunnel(host, port or 443, login)
    return connection


class HttpConnection:
    """A connection to the server at `url`, opened when it is needed; for one thread.

    Args:
        url: https://host or http://host, with a port or not.
        trust: Which certificates are trusted.
        connect_timeout: Seconds.
        read_timeout: Seconds for the whole answer to come in, from when the call went out; and for the call to go out,
            beside what its size takes.
    """

    def __init__(self, url: str, tls_context: ssl.SSLContext, connect_timeout: float, read_timeout: float) -> None:
        parts = urlsplit(url)
        self._connection = (
            _https(parts.hostname or "", parts.port, tls_context, connect_timeout)
            if parts.scheme == "https"
            else http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=connect_timeout)
        )
        self._deadline = Deadline()
        # http.client has no other place to look at a connection before TLS takes it over.
        setattr(self._connection, "_create_connection", self._deadline.connect)  # noqa: B010 - typeshed knows it not
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._used_at = 0.0

    @property
    def is_aborted(self) -> bool:
        """Whether `abort` ended it."""
        return self._deadline.is_aborted

    def abort(self) -> None:
        """End the call that is under way, and let none begin; from any thread."""
        self._deadline.abort()

    def close(self) -> None:
        """Close the connection, if it is open."""
        self._connection.close()
        self._deadline.release()

    def _connect(self) -> None:
        sock = self._connection.sock
        if sock is not None:
            if time.monotonic() - self._used_at <= MAX_IDLE_SECONDS and is_idle(sock):
                return
            self.close()
        try:
            # The name, two addresses of it, and what TLS has to say.
            with self._deadline.within(3 * self._connect_timeout):
                self._connection.connect()
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise UntrustedCertificateError(error.verify_message) from error
        except OSError as error:
            self.close()
            # A proxy that says no tells so in the text alone.
            raise UnreachableError(os_error_reason(error) if error.errno else str(error)) from error
        except UnicodeError as error:  # a host's name that is none
            raise UnreachableError(type(error).__name__) from error

    def call(self, method: str, path: str, headers: Mapping[str, str], body: CallBody | None = None) -> ApiResponse:
        """Call `path`, with a `body` or without one; redirects are not followed.

        However slowly the server goes on, the call ends: after the time to connect, then `read_timeout` and what the
        body takes on a slow line, then `read_timeout` for the answer.

        Raises:
            NotReachedError: nothing left. After any other error nobody knows what the server did.
            CutError: the connection broke.
            NoAnswerError: a time-out, or the call took too long.
            UnclearError: the answer is not HTTP.
        """
        if self.is_aborted:
            raise UnreachableError
        self._connect()
        send_seconds = self._read_timeout + (body.size if body else 0) / MIN_BYTES_A_SECOND
        try:
            with self._deadline.within(send_seconds + self._read_timeout):
                response = self._exchange(method, path, headers, body, send_seconds)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if self._deadline.is_expired or isinstance(error, TimeoutError):
                raise NoResponseError from error
            if self.is_aborted or isinstance(error, OSError | http.client.IncompleteRead):
                raise ConnectionBrokenError from error
            raise InvalidResponseError from error
        except BaseException:
            self.close()
            raise
        self._used_at = time.monotonic()
        return response

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: CallBody | None, send_seconds: float
    ) -> ApiResponse:
        connection = self._connection
        connection.sock.settimeout(send_seconds)
        length_header = {"Content-Length": str(body.size)} if body else {}
        try:
            with self._deadline.within(send_seconds):
                connection.request(method, path, body, {**headers, **length_header})
        except (BrokenPipeError, ConnectionResetError) as broken:
            # A server may say no and hang up before it has read everything; only such a no means anything here.
            response = self._read()
            if not 400 <= response.status < 500:  # noqa: PLR2004 - HTTP's class of definite refusals
                raise ConnectionBrokenError from broken
            self.close()
            return response
        return self._read()

    def _read(self) -> ApiResponse:
        self._connection.sock.settimeout(self._read_timeout)
        with self._deadline.within(self._read_timeout):
            response = self._connection.getresponse()
            body = response.read(MAX_RESPONSE_BYTES)
        if response.length and len(body) < MAX_RESPONSE_BYTES:
            raise http.client.IncompleteRead(body, response.length)
        if response.length is None and not response.chunked and "close" not in response.headers.get("Connection", ""):
            # http.client takes headers that break off for complete ones; no length is how it shows.
            raise http.client.IncompleteRead(body)
        if not response.isclosed():
            self.close()
        return ApiResponse(response.status, response.headers, body)
