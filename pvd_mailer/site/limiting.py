"""How often a network, and one address, may ask. In memory alone: nothing of an IP address is kept.

How many mails a mailbox and a domain get is bounded in the database (`audience.requests.turn_of`). Only what is
accepted counts, so that nobody closes a form to others by sending it empty; and each kind of request has bounds of its
own, so that nobody closes access and erasure by signing up.
"""

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
PER_WIDE_NETWORK: Final = "240 per hour"
"""An IPv6 /48: what a provider of servers gives to one customer, with 256 networks such as a household's in it."""
_WIDE: Final = 48
PER_ADDRESS: Final = "5 per hour"
IN_ALL: Final = "2000 per hour"
"""Where readers cannot be told apart, because the proxy before the site is not known, and as a bound for all."""
_V4, _V6 = 32, 56
_UNREADABLE: Final = "unreadable"


class Limits:
    """Counts requests, each kind apart, by hashes whose key dies with the process."""

    def __init__(
        self,
        network: str = PER_NETWORK,
        wide: str = PER_WIDE_NETWORK,
        address: str = PER_ADDRESS,
        everybody: str = IN_ALL,
    ) -> None:
        self._salt = secrets.token_bytes(16)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._network, self._wide = parse(network), parse(wide)
        self._address, self._everybody = parse(address), parse(everybody)

    def _hit(self, limit: RateLimitItem, what: str, kind: str, of: str) -> bool:
        digest = hashlib.blake2b(of.encode(), key=self._salt, digest_size=16).hexdigest()
        return bool(self._limiter.hit(limit, what, kind, digest))

    def lets_in(self, request: Request, kind: str) -> bool:
        """Whether the network that `request` comes from may ask for one more of `kind`."""
        network = _network_of(request.client.host if request.client else "")
        if network is None:
            return True
        if not self._hit(self._network, "network", kind, network):
            return False
        if ":" not in network:  # of IPv4 one address is as much as anybody has
            return True
        return self._hit(self._wide, "wide", kind, str(ip_network(network).supernet(new_prefix=_WIDE)))

    def lets_all_in(self, kind: str) -> bool:
        """Whether one more of `kind` may be asked for, whoever asks."""
        return self._hit(self._everybody, "all", kind, "")

    def lets_write_to(self, kind: str, what: str) -> bool:
        """Whether one more of `kind` may be asked for `what`: a publication, an address. Nobody is told if not.

        What was asked for before then still waits, or has just been sent.
        """
        return self._hit(self._address, "address", kind, what)


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
