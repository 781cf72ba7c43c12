"""Which addresses the public internet has, whatever they are wrapped in."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

__all__ = ["IpAddress", "IpNetwork", "is_public_ip", "unwrap_ip"]

IpNetwork = IPv4Network | IPv6Network
IpAddress = IPv4Address | IPv6Address

_UNICAST: Final = ip_network("2000::/3")
"""All of IPv6 that is given out for the public internet (RFC 4291, section 2.4); fec0::/10 and fc00::/7 lie outside."""
_WRAPPING: Final = tuple(
    ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible (RFC 4291, 2.5.5.1)
        "::ffff:0:0/96",  # IPv4-mapped (2.5.5.2)
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "64:ff9b::/96",  # NAT64 (RFC 6052); 64:ff9b:1::/48 is for private use (RFC 8215)
    )
)


def unwrap_ip(ip: IpAddress) -> IpAddress:
    """The IPv4 address that an IPv6 one only wraps, or `ip` itself."""
    if isinstance(ip, IPv6Address):
        inner = ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and any(ip in network for network in _WRAPPING):
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip


def is_public_ip(ip: IpAddress) -> bool:
    """Whether `ip` is one that readers everywhere reach, and no machine of a private network."""
    inner = unwrap_ip(ip)
    if isinstance(inner, IPv6Address) and inner not in _UNICAST:
        return False
    return inner.is_global and not inner.is_multicast
