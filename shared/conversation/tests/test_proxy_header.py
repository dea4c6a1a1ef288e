"""PROXY headers, good, garbage and from strangers."""

from __future__ import annotations

import struct
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.peer import Peer
from shared.conversation.proxy_header import SIGNATURE, NotProxied, ProxyHeader, parse
from shared.conversation.tests.sessions import Client, Session, answer_everything, door


def version_2(source: str, port: int, command: int = 0x21, extensions: bytes = b"") -> bytes:
    """A header as HAProxy's `send-proxy-v2` writes it."""
    address = ip_address(source)
    addresses = address.packed * 2 + struct.pack(">HH", port, 25) + extensions
    family = 0x11 if address.version == 4 else 0x21
    return SIGNATURE + struct.pack(">BBH", command, family, len(addresses)) + addresses


GOOD = [
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 25\r\n", Peer("192.0.2.1", 56324)),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 1 25\r\n", Peer("2001:db8::1", 1)),
    (b"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 25\r\n", Peer("192.0.2.1", 1)),
    (b"PROXY UNKNOWN\r\n", None),
    (b"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", None),
    (version_2("192.0.2.1", 56324), Peer("192.0.2.1", 56324)),
    (version_2("2001:db8::1", 56324), Peer("2001:db8::1", 56324)),
    (version_2("192.0.2.1", 56324, extensions=b"\x04\x00\x01x"), Peer("192.0.2.1", 56324)),
    (version_2("192.0.2.1", 56324, command=0x20), None),
    (SIGNATURE + b"\x20\x00\x00\x00", None),
    (SIGNATURE + b"\x21\x31\x00\xd8" + b"\0" * 216, None),
]
GARBAGE = [
    b"EHLO me\r\n",
    b"PROXY TCP4 192.0.2.1\r\n",
    b"PROXY TCP4 2001:db8::1 2001:db8::2 1 25\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 x 25\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 -1 25\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 65536 25\r\n",
    b"PROXY TCP4  192.0.2.1 192.0.2.2 1 25\r\n",
    b"PROXY UDP4 192.0.2.1 192.0.2.2 1 25\r\n",
    b"PROXY TCP4 \xff 192.0.2.2 1 25\r\n",
    b"PROXY " + b"x" * 102,
    b"PROXYTCP4",
    b"\r\n\r\n\0\r\nQUIX\n",
    SIGNATURE + b"\x11\x11\x00\x0c" + b"\0" * 12,
    SIGNATURE + b"\x21\x11\x00\x0b" + b"\0" * 11,
    SIGNATURE + b"\x21\x11\xff\xff",
]


@pytest.mark.parametrize(("octets", "source"), GOOD)
def test_header_is_complete_with_its_last_octet(octets: bytes, source: Peer | None) -> None:
    for size in range(len(octets)):
        assert parse(octets[:size]) is None
    assert parse(octets) == ProxyHeader(len(octets), source)
    assert parse(octets + b"EHLO me\r\n") == ProxyHeader(len(octets), source)


@pytest.mark.parametrize("octets", GARBAGE)
def test_garbage_is_no_header(octets: bytes) -> None:
    with pytest.raises(NotProxied):
        parse(octets)


@given(st.one_of(st.binary(), st.binary().map(lambda rest: SIGNATURE + rest), st.binary().map(lambda r: b"PROXY " + r)))
def test_anything_is_a_header_or_not(octets: bytes) -> None:
    try:
        header = parse(octets)
    except NotProxied:
        return
    assert header is None or header.size <= len(octets)


async def tell_peer(session: Session) -> None:
    """Greets its client by address."""
    session.write(f"hello {session.peer.host}\r\n".encode())
    await answer_everything(session)


@pytest.mark.parametrize("header", [GOOD[0][0], GOOD[5][0]])
def test_client_is_who_the_trusted_proxy_says(header: bytes) -> None:
    client = Client(door(tell_peer, trusted_proxies=["10.0.0.0/8"]), "10.1.2.3")
    assert client.send(header[:9]) == b""
    assert client.send(header[9:] + b"a\r\n") == b"hello 192.0.2.1\r\nline b'a'\r\n"


def test_stranger_cannot_say_who_he_is() -> None:
    client = Client(door(tell_peer, trusted_proxies=["10.0.0.0/8"]), "198.51.100.7")
    assert client.heard() == b"hello 198.51.100.7\r\n"
    assert client.send(GOOD[0][0]).startswith(b"line b'PROXY")


def test_proxy_without_header_is_not_heard() -> None:
    client = Client(door(tell_peer, trusted_proxies=["10.0.0.0/8"]), "10.1.2.3")
    assert client.send(b"EHLO me\r\n") == b""
    assert client.is_closed


def test_health_check_of_the_proxy_is_the_proxy() -> None:
    client = Client(door(tell_peer, trusted_proxies=["10.1.2.3"]), "10.1.2.3")
    assert client.send(b"PROXY UNKNOWN\r\n") == b"hello 10.1.2.3\r\n"
