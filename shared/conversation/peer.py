"""The peer, a client at the other end, and how well the line to it is protected."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple

from twisted.internet import address
from twisted.internet.interfaces import IAddress

from shared.ip_network import network_of


class Peer(NamedTuple):
    """A client's address: an IP address as text, IPv4 in its own form even on an IPv6 socket.

    The client of a UNIX socket counts as 127.0.0.1: only programs on this machine can open it.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether the client is on this machine, so that no other machine can read along."""
        return ip_address(self.host).is_loopback

    @property
    def network(self) -> str:
        """The network by which connections are counted together: the address, or for IPv6 its /64."""
        return network_of(self.host)

    @classmethod
    def from_address(cls, where: IAddress) -> Peer:
        """The peer at an address as transports and the PROXY protocol tell it."""
        if not isinstance(where, (address.IPv4Address, address.IPv6Address)):
            return cls("127.0.0.1", 0)
        return cls(plain_host(where.host), where.port)


def plain_host(host: str) -> str:
    """`host` without a zone (`fe80::1%eth0`), and 192.0.2.1 for ::ffff:192.0.2.1."""
    if ":" not in host:
        return host
    parsed = ip_address(host.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


class TlsDetails(NamedTuple):
    """The protocol and cipher that were negotiated, in OpenSSL's spelling: `TLSv1.3`, `TLS_AES_256_GCM_SHA384`."""

    version: str
    cipher: str

    @classmethod
    def of(cls, transport: Any) -> TlsDetails:
        """The details of `transport`, whose handshake is over."""
        secured = transport.getHandle()
        return cls(secured.get_protocol_version_name(), secured.get_cipher_name() or "")
