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

from pvd_mailer.site.proxies import Proxies

__all__ = ["Bounds", "Connections", "Held", "Wait", "room"]

RESERVE: Final = 192
"""Descriptors for what is no connection: the database's, files, the mail server."""
LEAST: Final = 16
_V4, _V6 = 32, 56
_MINUTE: Final = 60.0
_KNOWN: Final = 4096
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
    REST = auto()
    """The rest of a body that is answered already."""
    TAKING = auto()
    """That its client takes the answer."""
    US = auto()
    """It is our turn."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Times in seconds, and numbers of connections.

    Attributes:
        idle: Between two requests; longer than most proxies keep a connection.
        head: For the head of a request, however slowly it comes.
        body: For a body, whoever reads it; `Allowance` is stricter where it is read.
        rest: For the rest of a body that is answered already.
        taking: For an answer to go on by `pace` bytes a second.
        pace: As above, as in Apache's mod_reqtimeout.
        unsent: Bytes of answers that their clients have not taken, in all.
        network: Connections of one network that wait for it.
        share: Connections of one network, with those that are being answered.
        turn: For which they keep their places, but for idle ones, while others of their network ask for one.
        everybody: Connections in all.
    """

    idle: int = 15
    head: float = 10
    body: float = 75
    rest: float = 5
    taking: float = 20
    pace: int = 500
    unsent: int = 48_000_000
    network: int = 100
    share: int = 200
    turn: float = 1
    everybody: int = 1000

    def late(self, wait: Wait) -> float | None:
        """How long a connection may wait; None where that is not for us to say."""
        return {Wait.HEAD: self.head, Wait.BODY: self.body, Wait.REST: self.rest}.get(wait)


class Held(Protocol):
    """A connection, as its place among the others needs it."""

    network: str | None
    wait: Wait
    since: float

    def unsent(self) -> int:
        """Bytes of its answer that its client has not taken."""

    def drop(self) -> None:
        """Close it at once."""

    def look(self) -> None:
        """See anew what it waits for."""


class _Queue:
    """Connections that wait, the one that has waited longest first."""

    def __init__(self) -> None:
        self._idle: OrderedDict[Held, None] = OrderedDict()
        self._others: OrderedDict[Held, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._idle) + len(self._others)

    def add(self, one: Held) -> None:
        (self._idle if one.wait is Wait.REQUEST else self._others)[one] = None

    def discard(self, one: Held) -> None:
        self._idle.pop(one, None)
        self._others.pop(one, None)

    def first(self) -> Held | None:
        """The one to close first."""
        return next(iter(self._idle or self._others), None)


class Connections:
    """All of them. A network is an IPv4 address or a `/56` of IPv6; `proxies` are of none: they speak for everybody."""

    def __init__(self, bounds: Bounds, proxies: Proxies, now: Callable[[], float] = time.monotonic) -> None:
        self.bounds = bounds
        self.proxies = proxies
        self.most = room(bounds.everybody)
        self._now = now
        self._all: set[Held] = set()
        self._queue = _Queue()
        self._networks: dict[str, _Queue] = {}
        self._of: Counter[str] = Counter()
        self._taking: dict[Held, tuple[float, int]] = {}
        self._known: dict[str, str | None] = {}
        self._pressed = 0
        self._told = -_MINUTE

    def __len__(self) -> int:
        return len(self._all)

    def network_of(self, host: str) -> str | None:
        """What is counted together with `host`; None where nothing is."""
        if host not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[host] = self._read(host)
        return self._known[host]

    def _read(self, host: str) -> str | None:
        try:
            found = ip_address(host)
        except ValueError:  # a socket of this machine
            return None
        if host in self.proxies:
            return None
        found = getattr(found, "ipv4_mapped", None) or found
        return str(ip_network((found, _V4 if found.version == 4 else _V6), strict=False))  # noqa: PLR2004 - IP's version

    def enter(self, one: Held) -> bool:
        """Take in a connection that was made just now; False where there is no place for it."""
        if one.network is not None and not self._has_place(one.network):
            self._pressed += 1
            return False
        if len(self._all) >= self.most:
            first = self._queue.first()
            self._pressed += 1
            if first is None:
                return False
            self._drop(first)
        self._all.add(one)
        if one.network is not None:
            self._of[one.network] += 1
        self.turn(one, Wait.HEAD)
        return True

    def _has_place(self, network: str) -> bool:
        if self._of[network] >= self.bounds.share:
            return False
        same = self._networks.get(network)
        first = same.first() if same is not None and len(same) >= self.bounds.network else None
        # Whoever opens one after another without a pause is not given place for each: that would keep us busy.
        return first is None or first.wait is Wait.REQUEST or self._now() - first.since >= self.bounds.turn

    def turn(self, one: Held, wait: Wait) -> None:
        """Note what a connection waits for from now on, and make room where too many of its network wait."""
        if one not in self._all:
            return
        self._unqueue(one)
        one.wait, one.since = wait, self._now()
        if wait is Wait.US:
            return
        self._queue.add(one)
        if one.network is None:
            return
        same = self._networks.setdefault(one.network, _Queue())
        first = same.first()
        same.add(one)
        if first is not None and len(same) > self.bounds.network:
            self._pressed += wait is not Wait.REQUEST
            self._drop(first)

    def leave(self, one: Held) -> None:
        """Forget a connection that is closed."""
        if one in self._all and one.network is not None:
            self._of[one.network] -= 1
            if not self._of[one.network]:
                del self._of[one.network]
        self._all.discard(one)
        self._taking.pop(one, None)
        self._unqueue(one)

    def sweep(self) -> None:
        """Close those whose clients are late, and tell the log where there were too many. To be called all the time."""
        now = self._now()
        unsent = 0
        for one in list(self._all):
            limit = self.bounds.late(one.wait)
            size = one.unsent()
            unsent += size
            if self._is_stuck(one, size, now) or (limit is not None and not size and now - one.since > limit):
                self._drop(one)
            elif one.wait is Wait.TAKING and not size:
                one.look()
        for one in sorted(self._taking, key=lambda each: self._taking[each][0]):
            if unsent <= self.bounds.unsent:
                break
            unsent -= one.unsent()
            self._pressed += 1
            self._drop(one)
        if self._pressed and now - self._told >= _MINUTE:
            _log.warning("too many connections: %d were closed, or told to come back", self._pressed)
            self._pressed, self._told = 0, now

    def _is_stuck(self, one: Held, size: int, now: float) -> bool:
        """Whether a client takes its answer too slowly, or not at all."""
        if not size:
            self._taking.pop(one, None)
            return False
        since, before = self._taking.setdefault(one, (now, size))
        if size > before or (
            now - since > self.bounds.taking and before - size >= self.bounds.taking * self.bounds.pace
        ):
            self._taking[one] = (now, size)
            return False
        return now - since > self.bounds.taking

    def _drop(self, one: Held) -> None:
        self.leave(one)
        one.drop()

    def _unqueue(self, one: Held) -> None:
        self._queue.discard(one)
        if one.network is not None and one.network in self._networks:
            same = self._networks[one.network]
            same.discard(one)
            if not same:
                del self._networks[one.network]


def room(wanted: int) -> int:
    """How many connections there can be of those `wanted`, with the descriptors that this process may have."""
    try:
        import resource  # noqa: PLC0415 - not on Windows, which has no such limit
    except ImportError:
        return wanted
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(LEAST, soft - RESERVE))
