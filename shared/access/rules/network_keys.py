"""Networks as keys of a dictionary: which of many an address is in, without trying each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv6Address, ip_address, ip_network

# IP version, prefix length, and the bits of the prefix as a number.
NetworkKey = tuple[int, int, int]


def network_key(text: str) -> NetworkKey:
    """The key of `192.0.2.0/24`. Raises ValueError."""
    network = ip_network(text)
    return (
        network.version,
        network.prefixlen,
        int(network.network_address) >> (network.max_prefixlen - network.prefixlen),
    )


def lengths_of(keys: Iterable[NetworkKey]) -> Mapping[int, Sequence[int]]:
    """By IP version the prefix lengths that occur, the longest first."""
    found: dict[int, set[int]] = {}
    for version, length, _ in keys:
        found.setdefault(version, set()).add(length)
    return {version: sorted(lengths, reverse=True) for version, lengths in found.items()}


def covering_keys(address: str, lengths: Mapping[int, Sequence[int]]) -> Iterator[NetworkKey]:
    """The keys of all networks of these lengths that `address` is in, the smallest first. Raises ValueError."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    for length in lengths.get(parsed.version, ()):
        yield parsed.version, length, int(parsed) >> (parsed.max_prefixlen - length)
