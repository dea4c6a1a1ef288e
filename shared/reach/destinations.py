"""The policy of destinations: the public network may be reached, and networks that the operator allows besides.

Judged on the address that a connection is about to be made to, after resolution: a name under somebody else's control
may lead anywhere, and elsewhere each time (DNS rebinding).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from shared.bounded_cache import BoundedCache
from shared.ip_network import Network

Address = IPv4Address | IPv6Address

REMEMBERED = 8192  # addresses, about 1 MB
LONGEST_REMEMBERED = 64  # octets of an address with its zone; what is longer is judged each time

# What the Internet does not route: IANA IPv4 Special-Purpose Address Registry (RFC 6890), and above 224 everything.
NOT_PUBLIC_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this host on this network, RFC 791 §3.2; Linux connects to itself
            "10.0.0.0/8",  # private, RFC 1918
            "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
            "127.0.0.0/8",  # loopback, RFC 1122 §3.2.1.3
            "169.254.0.0/16",  # link-local, RFC 3927
            "172.16.0.0/12",  # private, RFC 1918
            "192.0.0.0/24",  # protocol assignments, RFC 6890 §2.1
            "192.0.2.0/24",  # documentation, RFC 5737
            "192.88.99.0/24",  # 6to4 relays, RFC 7526
            "192.168.0.0/16",  # private, RFC 1918
            "198.18.0.0/15",  # benchmarks, RFC 2544
            "198.51.100.0/24",  # documentation, RFC 5737
            "203.0.113.0/24",  # documentation, RFC 5737
            "224.0.0.0/4",  # multicast, RFC 5771
            "240.0.0.0/4",  # reserved, RFC 1112 §4, with the broadcast address
        ),
    )
)
PUBLIC_IPV6 = IPv6Network("2000::/3")  # all global unicast addresses that were ever given out, RFC 4291 §2.4
NOT_PUBLIC_IPV6 = tuple(  # and in it: IANA IPv6 Special-Purpose Address Registry
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments, RFC 2928: Teredo, ORCHID, benchmarks
            "2001:db8::/32",  # documentation, RFC 3849
            "3fff::/20",  # documentation, RFC 9637
        ),
    )
)
# An IPv6 address in one of these leads to the IPv4 address whose last bit is that many bits from its own last.
CARRIES_IPV4 = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped, RFC 4291 §2.5.5.2
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052 §2.1
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056 §2
)
ISATAP = (0x00005EFE, 0x02005EFE)  # before an IPv4 address in the last 64 bits, RFC 5214 §6.1

# The addresses at which clouds give each machine its passwords. A network of their own must be in what is allowed: an
# operator who allows all private networks has hardly thought of them.
METADATA: frozenset[Address] = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Google, Azure, OpenStack, …
            "169.254.170.2",  # AWS, for containers
            "169.254.170.23",  # the same in EKS
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",  # Google
            "168.63.129.16",  # Azure; a public address by its looks
            "100.100.100.200",  # Alibaba
            "192.0.0.192",  # Oracle
        ),
    )
)


class DestinationPolicy:
    """The answers of `permits()` are cached by address, because each connection asks for one."""

    def __init__(self, allowed_networks: Sequence[Network] = (), refused_extra: Sequence[Network] = ()) -> None:
        """`allowed_networks` may be reached though they are not public; `refused_extra` never, allowed or not."""
        self._allowed = tuple(allowed_networks)
        self._refused = tuple(refused_extra)
        self._remembered: BoundedCache[str, bool] = BoundedCache(REMEMBERED, lambda _: 1)

    def permits(self, address: str) -> bool:
        """Whether a connection may be made to `address`; not to what is no address in its usual form (`0177.0.0.1`)."""
        verdict = self._remembered.get(address)
        if verdict is None:
            verdict = self._judge(address)
            if len(address) <= LONGEST_REMEMBERED:
                self._remembered.put(address, verdict)
        return verdict

    def _judge(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])  # fe80::1%eth0: its zone changes nothing
        except ValueError:
            return False
        leads_to = tuple(_leads_to(address))
        if any(_is_in(each, self._refused) for each in (address, *leads_to)):
            return False
        return all(map(self._permits, leads_to))

    def _permits(self, address: Address) -> bool:
        if address in METADATA:
            return any(address in network and network.num_addresses == 1 for network in self._allowed)
        return _is_public(address) or _is_in(address, self._allowed)


def _leads_to(address: Address) -> Iterator[Address]:
    """The address itself, or the IPv4 address that is reached by it, or both where both may be."""
    if isinstance(address, IPv6Address):
        number = int(address)
        for network, shift in CARRIES_IPV4:
            if address in network:
                yield IPv4Address(number >> shift & 0xFFFFFFFF)
                return
        if number >> 32 & 0xFFFFFFFF in ISATAP:
            yield IPv4Address(number & 0xFFFFFFFF)
    yield address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _is_in(address, NOT_PUBLIC_IPV4)
    return address in PUBLIC_IPV6 and not _is_in(address, NOT_PUBLIC_IPV6)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
