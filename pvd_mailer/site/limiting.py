"""How often one network, and one address, may ask. In memory alone: nothing of an IP address is kept."""

import hashlib
import secrets
from ipaddress import ip_address, ip_network
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

__all__ = ["Limits"]

PER_NETWORK: Final = "60 per hour"
"""A town hall's whole staff may share one address."""
PER_ADDRESS: Final = "5 per hour"
IN_ALL: Final = "2000 per hour"
"""Where readers cannot be told apart, because the proxy before the site is not known, and as a bound for all."""
_V4, _V6 = 32, 56
_UNREADABLE: Final = "unreadable"


class Limits:
    """Counts requests by hashes whose key dies with the process."""

    def __init__(self, network: str = PER_NETWORK, address: str = PER_ADDRESS, everybody: str = IN_ALL) -> None:
        self._salt = secrets.token_bytes(16)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._network, self._address, self._everybody = parse(network), parse(address), parse(everybody)

    def _hit(self, limit: RateLimitItem, kind: str, of: str) -> bool:
        digest = hashlib.blake2b(of.encode(), key=self._salt, digest_size=16).hexdigest()
        return bool(self._limiter.hit(limit, kind, digest))

    def lets_in(self, request: Request) -> bool:
        """Whether the network that `request` comes from may ask once more."""
        network = _network_of(request.client.host if request.client else "")
        own = network is None or self._hit(self._network, "network", network)
        return own and self._hit(self._everybody, "all", "")

    def lets_write_to(self, what: str) -> bool:
        """Whether `what` may be asked for once more: a kind, a publication, an address. Nobody is told that it may not.

        What was asked for before then still waits, or has just been sent.
        """
        return self._hit(self._address, "address", what)


def _network_of(host: str) -> str | None:
    """The network that a client belongs to; None for this machine, where a proxy speaks for everybody.

    Whoever cannot be read (a proxy handed on what a client made up, such as `unknown`) is of one network with the rest.
    """
    try:
        found = ip_address(host)
    except ValueError:
        return _UNREADABLE
    mapped = getattr(found, "ipv4_mapped", None)
    found = mapped or found
    if found.is_loopback:
        return None
    return str(ip_network((found, _V4 if found.version == 4 else _V6), strict=False))  # noqa: PLR2004 - IP's version
