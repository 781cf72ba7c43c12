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

__all__ = ["SLOWEST", "Deadline", "is_quiet"]

SLOWEST = 64_000
"""Bytes a second that a line takes at least: a message may be as long on its way as it would be at that pace."""
_TICK = 0.1
"""Seconds after which a connection that is being made looks whether it is still wanted."""
_UNDER_WAY = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY}


def is_quiet(sock: socket.socket) -> bool:
    """Whether nothing is to be read from `sock`: between calls, that would be the other side's farewell."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return not selector.select(0)


class Deadline:
    """Bounds what one thread does on one connection, all of it together, and lets another thread end it at once.

    A socket's time-out is for each piece alone: a server that sends a byte every few seconds never meets it. So the
    connection is cut from outside. Whatever waits on it then fails as if the other side had hung up, and `is_late` or
    `is_cut` says why.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._until: list[float] = []
        self.is_late = False
        """Whether the time of the last call was up before its end."""
        self.is_cut = False
        """Whether somebody wants no more of it; stays so."""

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut the connection unless the block is left in `seconds`; of one inside of another, the sooner one holds."""
        with self._lock:
            if not self._until:
                self.is_late = False
            self._until.append(min([time.monotonic() + seconds, *self._until]))
            _WATCH.mind(self, self._until[-1])
        try:
            yield
        finally:
            with self._lock:
                self._until.pop()
                _WATCH.mind(self, self._until[-1] if self._until else None)

    def cut(self) -> None:
        """End what is under way, and whatever would begin after it; from any thread."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def strike(self) -> None:
        """End what is under way, if its time is up."""
        with self._lock:
            if self._until and self._until[-1] <= time.monotonic():
                self.is_late = True
                self._shut()

    def release(self) -> None:
        """Let go of the connection, which its owner has closed."""
        with self._lock:
            handle, self._handle = self._handle, None
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
        failure: OSError = _late()
        for family, kind, protocol, _name, where in self._resolve(address, time.monotonic() + timeout):
            sock = socket.socket(family, kind, protocol)
            try:
                if source:
                    sock.bind(source)
                self._reach(sock, where, time.monotonic() + timeout)
                sock.settimeout(timeout)
                self._hold(sock)
            except OSError as error:
                sock.close()
                failure = error
                if self.is_cut or self.is_late:
                    break
            else:
                return sock
        raise failure

    def _resolve(self, address: tuple[str, int], until: float) -> list[Any]:
        """What the name stands for. A name server that is silent cannot be interrupted: it is left behind."""
        told: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                told.put(socket.getaddrinfo(*address, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                told.put(error)

        threading.Thread(target=ask, daemon=True, name="resolve").start()
        while True:
            self._go_on(until)
            with suppress(queue.Empty):
                found = told.get(timeout=_TICK)
                if isinstance(found, Exception):
                    raise found
                return found

    def _reach(self, sock: socket.socket, where: Any, until: float) -> None:
        sock.setblocking(False)
        code = sock.connect_ex(where)
        while code in _UNDER_WAY:
            self._go_on(until)
            _reads, writes, faults = select.select([], [sock], [sock], _TICK)
            if writes or faults:
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))

    def _go_on(self, until: float) -> None:
        if self.is_cut or self.is_late or time.monotonic() > until:
            raise _late()

    def _hold(self, sock: socket.socket) -> None:
        """Keep a second handle of the connection: TLS takes the first one over."""
        with self._lock:
            if self.is_cut or self.is_late:
                raise _late()
            before, self._handle = self._handle, sock.dup()
        if before:
            before.close()

    def _shut(self) -> None:
        if self._handle:
            with suppress(OSError):  # it was closed by the other side already
                self._handle.shutdown(socket.SHUT_RDWR)


def _late() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


class _Watch:
    """One thread for all deadlines of this process, which looks at no clock that can be set."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._due: dict[Deadline, float] = {}
        self._next = inf
        self._thread: threading.Thread | None = None

    def mind(self, one: Deadline, until: float | None) -> None:
        """Strike `one` at `until`, or no more."""
        with self._change:
            if until is None:
                self._due.pop(one, None)
                return
            self._due[one] = until
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="deadlines")
                self._thread.start()
            elif until < self._next:
                self._change.notify()

    def _run(self) -> None:
        while True:
            with self._change:
                now = time.monotonic()
                over = [one for one, until in self._due.items() if until <= now]
                for one in over:
                    del self._due[one]
                self._next = min(self._due.values(), default=inf)
                if not over:
                    self._change.wait(None if self._next == inf else self._next - now)
            for one in over:
                one.strike()


_WATCH = _Watch()
