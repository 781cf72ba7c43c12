"""How many connections the site holds, and which it closes: where a client is late, and where there are too many.

A connection waits for its client (for a request or the rest of one, or that an answer is taken), or it is our turn.
Where too many wait, the one that has waited longest is closed, idle ones first, which harms nobody; where it is our
turn, never.
"""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import ip_address, ip_network
from typing import Final, Protocol

from pvd_mailer.site.proxies import TrustedProxies

__all__ = ["ConnectionLimits", "Connections", "TrackedConnection", "Wait", "connection_capacity"]

_RESERVED_DESCRIPTORS: Final = 192
"""Descriptors for what is no connection: the database's, files, the mail server."""
_MIN_CONNECTIONS: Final = 16
_IPV4_PREFIX, _IPV6_PREFIX = 32, 56
_MINUTE: Final = 60.0
_MAX_CACHED_HOSTS: Final = 4096
"""Addresses whose networks are remembered: to read one takes longer than to send its connection away."""
_log = logging.getLogger(__name__)


class Wait(Enum):
    """What a connection waits for."""

    REQUEST = auto()
    """Its next request: it is idle."""
    HEAD = auto()
    """The head of a request, or the rest of it."""
    BODY = auto()
    """The rest of a body."""
    DISCARD = auto()
    """The rest of a body that is answered already."""
    WRITING = auto()
    """That its client takes the answer."""
    SERVER = auto()
    """It is our turn."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Times in seconds, and numbers of connections.

    Attributes:
        idle: Between two requests; longer than most proxies keep a connection.
        head: For the head of a request, however slowly it comes.
        body: For a body, whoever reads it; `Allowance` is stricter where it is read.
        discard: For the rest of a body that is answered already.
        writing: For an answer to go on by `min_rate` bytes a second.
        min_rate: As above, as in Apache's mod_reqtimeout.
        max_unsent: Bytes of answers that their clients have not taken, in all.
        waiting_per_network: Connections of one network that wait for it.
        per_network: Connections of one network, with those that are being answered.
        min_wait: For which they keep their places, but for idle ones, while others of their network ask for one.
        total: Connections in all.
    """

    idle: int = 15
    head: float = 10
    body: float = 75
    discard: float = 5
    writing: float = 20
    min_rate: int = 500
    max_unsent: int = 48_000_000
    waiting_per_network: int = 100
    per_network: int = 200
    min_wait: float = 1
    total: int = 1000

    def timeout_of(self, wait: Wait) -> float | None:
        """How long a connection may wait; None where that is not for us to say."""
        return {Wait.HEAD: self.head, Wait.BODY: self.body, Wait.DISCARD: self.discard}.get(wait)


class TrackedConnection(Protocol):
    """A connection, as its place among the others needs it."""

    network: str | None
    wait: Wait
    waiting_since: float

    def unsent_bytes(self) -> int:
        """Bytes of its answer that its client has not taken."""

    def drop(self) -> None:
        """Close it at once."""

    def update_wait(self) -> None:
        """See anew what it waits for."""


class _WaitingQueue:
    """Connections that wait, the one that has waited longest first."""

    def __init__(self) -> None:
        self._idle: OrderedDict[TrackedConnection, None] = OrderedDict()
        self._others: OrderedDict[TrackedConnection, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._idle) + len(self._others)

    def add(self, connection: TrackedConnection) -> None:
        (self._idle if connection.wait is Wait.REQUEST else self._others)[connection] = None

    def discard(self, connection: TrackedConnection) -> None:
        self._idle.pop(connection, None)
        self._others.pop(connection, None)

    def first(self) -> TrackedConnection | None:
        """The one to close first."""
        return next(iter(self._idle or self._others), None)


class Connections:
    """All of them. A network is an IPv4 address or a `/56` of IPv6; `proxies` are of none: they speak for everybody."""

    def __init__(
        self, limits: ConnectionLimits, proxies: TrustedProxies, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self.proxies = proxies
        self.max_total = connection_capacity(limits.total)
        self._now = now
        self._all: set[TrackedConnection] = set()
        self._queue = _WaitingQueue()
        self._networks: dict[str, _WaitingQueue] = {}
        self._count_by_network: Counter[str] = Counter()
        self._writing_since: dict[TrackedConnection, tuple[float, int]] = {}
        self._network_cache: dict[str, str | None] = {}
        self._refused_count = 0
        self._logged_at = -_MINUTE

    def __len__(self) -> int:
        return len(self._all)

    def network_of(self, host: str) -> str | None:
        """What is counted together with `host`; None where nothing is."""
        if host not in self._network_cache:
            if len(self._network_cache) >= _MAX_CACHED_HOSTS:
                self._network_cache.clear()
            self._network_cache[host] = self._parse_network(host)
        return self._network_cache[host]

    def _parse_network(self, host: str) -> str | None:
        try:
            ip = ip_address(host)
        except ValueError:  # a socket of this machine
            return None
        if host in self.proxies:
            return None
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return str(ip_network((ip, _IPV4_PREFIX if ip.version == 4 else _IPV6_PREFIX), strict=False))  # noqa: PLR2004 - IP's version

    def admit(self, connection: TrackedConnection) -> bool:
        """Take in a connection that was made just now; False where there is no place for it."""
        if connection.network is not None and not self._has_place(connection.network):
            self._refused_count += 1
            return False
        if len(self._all) >= self.max_total:
            first = self._queue.first()
            self._refused_count += 1
            if first is None:
                return False
            self._drop(first)
        self._all.add(connection)
        if connection.network is not None:
            self._count_by_network[connection.network] += 1
        self.set_wait(connection, Wait.HEAD)
        return True

    def _has_place(self, network: str) -> bool:
        if self._count_by_network[network] >= self.limits.per_network:
            return False
        queue = self._networks.get(network)
        first = queue.first() if queue is not None and len(queue) >= self.limits.waiting_per_network else None
        # Whoever opens one after another without a pause is not given place for each: that would keep us busy.
        return first is None or first.wait is Wait.REQUEST or self._now() - first.waiting_since >= self.limits.min_wait

    def set_wait(self, connection: TrackedConnection, wait: Wait) -> None:
        """Note what a connection waits for from now on, and make room where too many of its network wait."""
        if connection not in self._all:
            return
        self._unqueue(connection)
        connection.wait, connection.waiting_since = wait, self._now()
        if wait is Wait.SERVER:
            return
        self._queue.add(connection)
        if connection.network is None:
            return
        queue = self._networks.setdefault(connection.network, _WaitingQueue())
        first = queue.first()
        queue.add(connection)
        if first is not None and len(queue) > self.limits.waiting_per_network:
            self._refused_count += wait is not Wait.REQUEST
            self._drop(first)

    def remove(self, connection: TrackedConnection) -> None:
        """Forget a connection that is closed."""
        if connection in self._all and connection.network is not None:
            self._count_by_network[connection.network] -= 1
            if not self._count_by_network[connection.network]:
                del self._count_by_network[connection.network]
        self._all.discard(connection)
        self._writing_since.pop(connection, None)
        self._unqueue(connection)

    def sweep(self) -> None:
        """Close those whose clients are late, and tell the log where there were too many. To be called all the time."""
        now = self._now()
        unsent_total = 0
        for connection in list(self._all):
            limit = self.limits.timeout_of(connection.wait)
            size = connection.unsent_bytes()
            unsent_total += size
            if self._is_stuck(connection, size, now) or (
                limit is not None and not size and now - connection.waiting_since > limit
            ):
                self._drop(connection)
            elif connection.wait is Wait.WRITING and not size:
                connection.update_wait()
        for connection in sorted(self._writing_since, key=lambda candidate: self._writing_since[candidate][0]):
            if unsent_total <= self.limits.max_unsent:
                break
            unsent_total -= connection.unsent_bytes()
            self._refused_count += 1
            self._drop(connection)
        if self._refused_count and now - self._logged_at >= _MINUTE:
            _log.warning("too many connections: %d were closed, or told to come back", self._refused_count)
            self._refused_count, self._logged_at = 0, now

    def _is_stuck(self, connection: TrackedConnection, size: int, now: float) -> bool:
        """Whether a client takes its answer too slowly, or not at all."""
        if not size:
            self._writing_since.pop(connection, None)
            return False
        since, earlier_size = self._writing_since.setdefault(connection, (now, size))
        if size > earlier_size or (
            now - since > self.limits.writing and earlier_size - size >= self.limits.writing * self.limits.min_rate
        ):
            self._writing_since[connection] = (now, size)
            return False
        return now - since > self.limits.writing

    def _drop(self, connection: TrackedConnection) -> None:
        self.remove(connection)
        connection.drop()

    def _unqueue(self, connection: TrackedConnection) -> None:
        self._queue.discard(connection)
        if connection.network is not None and connection.network in self._networks:
            queue = self._networks[connection.network]
            queue.discard(connection)
            if not queue:
                del self._networks[connection.network]


def connection_capacity(requested: int) -> int:
    """How many connections there can be of those `requested`, with the descriptors that this process may have."""
    try:
        import resource  # noqa: PLC0415 - not on Windows, which has no such limit
    except ImportError:
        return requested
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        requested
        if soft == resource.RLIM_INFINITY
        else min(requested, max(_MIN_CONNECTIONS, soft - _RESERVED_DESCRIPTORS))
    )
