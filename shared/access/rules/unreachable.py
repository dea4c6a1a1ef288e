"""Rules that have no effect: they allow addresses that the proxy goes on refusing, because of its networks."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from shared.access.rules.rules import is_network
from shared.ip_network import Network
from shared.reach.destinations import NOT_PUBLIC_IPV4, NOT_PUBLIC_IPV6, PUBLIC_IPV6, DestinationPolicy

_LOOPBACK = "127.0.0.1/32"  # where `localhost` and all below it lead (RFC 6761 §6.3)


def is_refused_all_the_same(name: str, allowed: Sequence[Network] = (), refused: Sequence[Network] = ()) -> bool:
    """For a rule's `name` as rule_name() spells it, and the operator's networks as DestinationPolicy has them.

    A network: true if some of its addresses are refused. Any other name: false, because only a resolver knows its
    addresses.
    """
    if name == "localhost" or name.endswith(".localhost"):
        name = _LOOPBACK
    if not is_network(name):
        return False
    network = ip_network(name)
    if network.num_addresses == 1:
        return not DestinationPolicy(allowed, refused).permits(str(network.network_address))
    return any(map(network.overlaps, refused)) or not all(
        any(_is_within(part, each) for each in allowed) for part in _parts_not_public(network)
    )


def _parts_not_public(network: Network) -> Sequence[Network]:
    """Of two networks that overlap one lies within the other."""
    if isinstance(network, IPv6Network) and not network.subnet_of(PUBLIC_IPV6):
        return [network]
    special: Sequence[Network] = NOT_PUBLIC_IPV4 if isinstance(network, IPv4Network) else NOT_PUBLIC_IPV6
    return [network if _is_within(network, each) else each for each in special if network.overlaps(each)]


def _is_within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
