"""The PROXY protocol's header, versions 1 and 2: how a load balancer tells whose connection it passes on.

Specification: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt, §2.1 and §2.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from struct import Struct

from shared.conversation.peer import Peer, plain_host

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"  # version 2
LONGEST_LINE = 107  # of version 1, with CRLF (§2.1)
LONGEST_BLOCK = 4096  # of version 2: addresses take at most 216, the rest are extensions that we skip
FIXED = Struct(">12sBBH")  # signature, version and command, family and protocol, length of what follows
ADDRESSES = {0x11: (4, 12), 0x21: (16, 36)}  # TCP over IPv4 and IPv6: octets of an address, of both with their ports


class NotProxied(Exception):
    """This is no PROXY header, which a trusted proxy must send."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """How many octets the header took, and the client; None when the proxy speaks for itself (a health check)."""

    size: int
    source: Peer | None


def parse(octets: bytes) -> ProxyHeader | None:
    """The header that `octets` begin with; None while it is incomplete. Raises NotProxied."""
    if octets[:12] == SIGNATURE[: len(octets)]:
        return _parse_version_2(octets)
    if octets[:6] == b"PROXY "[: len(octets)]:
        return _parse_version_1(octets)
    raise NotProxied("neither version's signature")


def _parse_version_1(octets: bytes) -> ProxyHeader | None:
    end = octets.find(b"\r\n", 0, LONGEST_LINE)
    if end < 0:
        if len(octets) >= LONGEST_LINE:
            raise NotProxied("line too long")
        return None
    words = octets[:end].split(b" ")
    if words[1:2] == [b"UNKNOWN"]:
        return ProxyHeader(end + 2, None)
    try:
        _, family, source, _target, source_port, _target_port = (word.decode("ascii") for word in words)
        address, port = ip_address(source), int(source_port)
    except ValueError:
        raise NotProxied("malformed line") from None
    if family != f"TCP{address.version}" or not 0 <= port <= 65535 or not source_port.isdigit():
        raise NotProxied("malformed line")
    return ProxyHeader(end + 2, Peer(plain_host(str(address)), port))


def _parse_version_2(octets: bytes) -> ProxyHeader | None:
    if len(octets) < FIXED.size:
        return None
    _, version_and_command, family, length = FIXED.unpack_from(octets)
    if version_and_command not in (0x20, 0x21) or length > LONGEST_BLOCK:
        raise NotProxied("unknown version or command, or too long")
    size = FIXED.size + length
    if len(octets) < size:
        return None
    if version_and_command == 0x20 or family not in ADDRESSES:  # LOCAL, or a kind of address that has no meaning here
        return ProxyHeader(size, None)
    width, both = ADDRESSES[family]
    if length < both:
        raise NotProxied("addresses cut short")
    host = ip_address(octets[16 : 16 + width])
    port = int.from_bytes(octets[16 + 2 * width : 18 + 2 * width], "big")
    return ProxyHeader(size, Peer(plain_host(str(host)), port))
