"""The networks whose failures count together: one IPv4 address, or one IPv6 network of 64 bits."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from shared.bounded_cache import remembers

Network = IPv4Network | IPv6Network

# Whoever has one IPv6 address has the 2^64 of its network to choose from (RFC 6177 §2).
_IPV6_PREFIX = 64


@remembers(most=4096)
def network_of(host: str) -> str:
    """`192.0.2.7` or `2001:db8:0:1::/64`; text that is no address (a socket's path) is returned as it is."""
    address = _address(host.removesuffix(f"/{_IPV6_PREFIX}"))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return str(address) if address else host


def is_trusted(host: str, trusted: Sequence[Network]) -> bool:
    """Whether the operator vouches for everybody at that address."""
    if not trusted:
        return False
    address = _address(host)
    return address is not None and any(address in network for network in trusted)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
