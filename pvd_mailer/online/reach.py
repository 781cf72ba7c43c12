"""Which addresses the public internet has, whatever they are wrapped in."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

__all__ = ["Address", "Network", "is_public", "unwrapped"]

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_UNICAST: Final = ip_network("2000::/3")
"""All of IPv6 that is given out for the public internet (RFC 4291, section 2.4); fec0::/10 and fc00::/7 lie outside."""
_WRAPPING: Final = tuple(
    ip_network(one)
    for one in (
        "::/96",  # IPv4-compatible (RFC 4291, 2.5.5.1)
        "::ffff:0:0/96",  # IPv4-mapped (2.5.5.2)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052); 64:ff9b:1::/48 is for private use (RFC 8215)
    )
)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one only wraps, or `address` itself."""
    if isinstance(address, IPv6Address):
        inner = address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and any(address in network for network in _WRAPPING):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def is_public(address: Address) -> bool:
    """Whether `address` is one that readers everywhere reach, and no machine of a private network."""
    inner = unwrapped(address)
    if isinstance(inner, IPv6Address) and inner not in _UNICAST:
        return False
    return inner.is_global and not inner.is_multicast
