"""Connections of a channel: how long a whole call may take, and whether one that was kept open can be used again."""

import errno
import os
import queue
import select
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from typing import Any

__all__ = ["MIN_BYTES_A_SECOND", "Deadline", "is_idle"]

MIN_BYTES_A_SECOND = 64_000
"""Bytes a second that a line takes at least: a message may be as long on its way as it would be at that pace."""
_TICK = 0.1
"""Seconds after which a connection that is being made looks whether it is still wanted."""
_IN_PROGRESS = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY}


def is_idle(sock: socket.socket) -> bool:
    """Whether nothing is to be read from `sock`: between calls, that would be the other side's farewell."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return not selector.select(0)


class Deadline:
    """Bounds what one thread does on one connection, all of it together, and lets another thread end it at once.

    A socket's time-out is for each piece alone: a server that sends a byte every few seconds never meets it. So the
    connection is cut from outside. Whatever waits on it then fails as if the other side had hung up, and `is_expired`
    or `is_aborted` says why.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._until: list[float] = []
        self.is_expired = False
        """Whether the time of the last call was up before its end."""
        self.is_aborted = False
        """Whether somebody wants no more of it; stays so."""

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the connection unless the block is left in `seconds`; of one inside of another, the sooner one holds."""
        with self._lock:
            if not self._until:
                self.is_expired = False
            self._until.append(min([time.monotonic() + seconds, *self._until]))
            _WATCHER.set_deadline(self, self._until[-1])
        try:
            yield
        finally:
            with self._lock:
                self._until.pop()
                _WATCHER.set_deadline(self, self._until[-1] if self._until else None)

    def abort(self) -> None:
        """End what is under way, and whatever would begin after it; from any thread."""
        with self._lock:
            self.is_aborted = True
            self._shut_down()

    def expire_if_due(self) -> None:
        """End what is under way, if its time is up."""
        with self._lock:
            if self._until and self._until[-1] <= time.monotonic():
                self.is_expired = True
                self._shut_down()

    def release(self) -> None:
        """Let go of the connection, which its owner has closed."""
        with self._lock:
            handle, self._socket = self._socket, None
        if handle:
            handle.close()

    def connect(self, address: tuple[str, int], timeout: float, source: tuple[str, int] | None = None) -> socket.socket:
        """A connection to `address`, for http.client and smtplib, which would ask socket.create_connection.

        Args:
            address: Host and port.
            timeout: Seconds for the name, and for each of its addresses; the time-out of the socket afterwards.
            source: Where from.

        Raises:
            OSError: there is none to be had, or the deadline struck.
        """
        failure: OSError = _timeout_error()
        for family, kind, protocol, _name, socket_address in self._resolve(address, time.monotonic() + timeout):
            sock = socket.socket(family, kind, protocol)
            try:
                if source:
                    sock.bind(source)
                self._reach(sock, socket_address, time.monotonic() + timeout)
                sock.settimeout(timeout)
                self._keep_handle(sock)
            except OSError as error:
                sock.close()
                failure = error
                if self.is_aborted or self.is_expired:
                    break
            else:
                return sock
        raise failure

    def _resolve(self, address: tuple[str, int], until: float) -> list[Any]:
        """What the name stands for. A name server that is silent cannot be interrupted: it is left behind."""
        results: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                results.put(socket.getaddrinfo(*address, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                results.put(error)

        threading.Thread(target=ask, daemon=True, name="resolve").start()
        while True:
            self._require_time_left(until)
            with suppress(queue.Empty):
                result = results.get(timeout=_TICK)
                if isinstance(result, Exception):
                    raise result
                return result

    def _reach(self, sock: socket.socket, address: Any, until: float) -> None:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        while code in _IN_PROGRESS:
            self._require_time_left(until)
            _reads, writes, faults = select.select([], [sock], [sock], _TICK)
            if writes or faults:
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _require_time_left(self, until: float) -> None:
        if self.is_aborted or self.is_expired or time.monotonic() > until:
            raise _timeout_error()

    def _keep_handle(self, sock: socket.socket) -> None:
        """Keep a second handle of the connection: TLS takes the first one over."""
        with self._lock:
            if self.is_aborted or self.is_expired:
                raise _timeout_error()
            old_socket, self._socket = self._socket, sock.dup()
        if old_socket:
            old_socket.close()

    def _shut_down(self) -> None:
        if self._socket:
            with suppress(OSError):  # it was closed by the other side already
                self._socket.shutdown(socket.SHUT_RDWR)


def _timeout_error() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


class _DeadlineWatcher:
    """One thread for all deadlines of this process, which looks at no clock that can be set."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._due: dict[Deadline, float] = {}
        self._next = inf
        self._thread: threading.Thread | None = None

    def set_deadline(self, deadline: Deadline, until: float | None) -> None:
        """Strike `deadline` at `until`, or no more."""
        with self._change:
            if until is None:
                self._due.pop(deadline, None)
                return
            self._due[deadline] = until
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="deadlines")
                self._thread.start()
            elif until < self._next:
                self._change.notify()

    def _run(self) -> None:
        while True:
            with self._change:
                now = time.monotonic()
                expired = [deadline for deadline, until in self._due.items() if until <= now]
                for deadline in expired:
                    del self._due[deadline]
                self._next = min(self._due.values(), default=inf)
                if not expired:
                    self._change.wait(None if self._next == inf else self._next - now)
            for deadline in expired:
                deadline.expire_if_due()


_WATCHER = _DeadlineWatcher()
