"""How often a network, and one address, may ask. In memory alone: nothing of an IP address is kept.

How many mails a mailbox and a domain get is bounded in the database (`signup_requests.mail_not_before`). Only what is
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

__all__ = ["RateLimits"]

_PER_NETWORK: Final = "60 per hour"
"""A town hall's whole staff may share one address."""
_PER_WIDE_NETWORK: Final = "240 per hour"
"""An IPv6 /48: what a provider of servers gives to one customer, with 256 networks such as a household's in it."""
_WIDE_PREFIX: Final = 48
_PER_ADDRESS: Final = "5 per hour"
_SITE_WIDE: Final = "2000 per hour"
"""Where readers cannot be told apart, because the proxy before the site is not known, and as a bound for all."""
_IPV4_PREFIX, _IPV6_PREFIX = 32, 56
_UNREADABLE: Final = "unreadable"


class RateLimits:
    """Counts requests, each kind apart, by hashes whose key dies with the process."""

    def __init__(
        self,
        network: str = _PER_NETWORK,
        wide: str = _PER_WIDE_NETWORK,
        address: str = _PER_ADDRESS,
        site_wide: str = _SITE_WIDE,
    ) -> None:
        self._salt = secrets.token_bytes(16)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._network, self._wide = parse(network), parse(wide)
        self._address, self._everybody = parse(address), parse(site_wide)

    def _hit(self, limit: RateLimitItem, scope: str, kind: str, identity: str) -> bool:
        digest = hashlib.blake2b(identity.encode(), key=self._salt, digest_size=16).hexdigest()
        return bool(self._limiter.hit(limit, scope, kind, digest))

    def allow_request(self, request: Request, kind: str) -> bool:
        """Whether the network that `request` comes from may ask for one more of `kind`."""
        network = _network_of(request.client.host if request.client else "")
        if network is None:
            return True
        if not self._hit(self._network, "network", kind, network):
            return False
        if ":" not in network:  # of IPv4 one address is as much as anybody has
            return True
        return self._hit(self._wide, "wide", kind, str(ip_network(network).supernet(new_prefix=_WIDE_PREFIX)))

    def allow_site_wide(self, kind: str) -> bool:
        """Whether one more of `kind` may be asked for, whoever asks."""
        return self._hit(self._everybody, "all", kind, "")

    def allow_mail_to(self, kind: str, recipient: str) -> bool:
        """Whether one more of `kind` may be asked for `recipient`: a publication, an address. Nobody is told if not.

        What was asked for before then still waits, or has just been sent.
        """
        return self._hit(self._address, "address", kind, recipient)


def _network_of(host: str) -> str | None:
    """The network that a client belongs to; None for this machine, where a proxy speaks for everybody.

    Whoever cannot be read (a proxy handed on what a client made up, such as `unknown`) is of one network with the rest.
    """
    try:
        ip = ip_address(host)
    except ValueError:
        return _UNREADABLE
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    if ip.is_loopback:
        return None
    return str(ip_network((ip, _IPV4_PREFIX if ip.version == 4 else _IPV6_PREFIX), strict=False))  # noqa: PLR2004 - IP's version
