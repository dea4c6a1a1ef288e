"""IP networks: those that settings name, and the one by which the clients at an address are counted together."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from shared.bounded_cache import remembers

Network = IPv4Network | IPv6Network

# A client that has one IPv6 address has all 2^64 of its network (RFC 6177 §2).
_IPV6_PREFIX = 64


@remembers(most=4096)
def network_of(host: str) -> str:
    """The network that counts as one client: `192.0.2.7`, or `2001:db8:0:1::/64` for an IPv6 address in it.

    Text that is no address (a socket's path) is returned as it is.
    """
    address = _address(host.removesuffix(f"/{_IPV6_PREFIX}"))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _IPV6_PREFIX), strict=False))
    return str(address) if address else host


def is_in_one_of(networks: Sequence[Network], host: str) -> bool:
    """Whether the address `host` is in one of the networks."""
    if not networks:
        return False
    address = _address(host)
    return address is not None and any(address in network for network in networks)


@remembers(most=4096)
def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
