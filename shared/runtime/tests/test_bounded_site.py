"""The sites for few take few connections, small requests, and those that come in time."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransportWithDisconnection
from twisted.web.resource import Resource
from twisted.web.server import Request

from shared.runtime.bounded_site import (
    MOST_BODY_OCTETS,
    MOST_CONNECTIONS,
    MOST_FIELDS,
    MOST_HEAD_OCTETS,
    REQUEST_SECONDS,
    BoundedRequest,
    BoundedSite,
)
from shared.testing.eventually import eventually
from shared.testing.serving import serving

HERE = IPv4Address("TCP", "127.0.0.1", 1)


class _Echo(Resource):
    isLeaf = True

    def render_GET(self, request: Request) -> bytes:
        assert request.content is not None
        content: bytes = request.content.read()
        return b"got " + content

    render_POST = render_GET


@pytest.fixture
def site() -> BoundedSite:
    echo: Any = _Echo()
    return BoundedSite(echo)


@pytest.fixture
def port(site: Any) -> Iterator[int]:
    with serving(site) as opened:
        yield opened


def asked(port: int, octets: bytes) -> bytes:
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client, contextlib.suppress(OSError):
        client.sendall(octets)  # closed at once, or while octets are on their way: then it is reset
        client.shutdown(socket.SHUT_WR)
        while piece := client.recv(65536):
            answer += piece
    return answer


def connected(site: BoundedSite, clock: Clock) -> tuple[Any, Any]:
    """A channel on that clock, and its transport."""
    channel, transport = site.buildProtocol(HERE), StringTransportWithDisconnection()
    channel.callLater = clock.callLater
    transport.protocol = channel
    channel.makeConnection(transport)
    return channel, transport


def test_a_small_request_is_answered(port: int) -> None:
    answer = asked(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntea")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"got tea")


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: %d\r\n\r\n" % (MOST_BODY_OCTETS + 1),
        b"Content-Length: 1000000000000\r\n\r\nx",
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (MOST_BODY_OCTETS + 1, b"x" * (MOST_BODY_OCTETS + 1)),
        b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n%b\r\n" % (b"x" * 1024) * 5 + b"0\r\n\r\n",
    ],
)
def test_a_large_body_is_refused(port: int, body: bytes) -> None:
    assert asked(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + body).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "fields", [b"X: " + b"x" * MOST_HEAD_OCTETS, b"\r\n".join(b"X: %d" % number for number in range(MOST_FIELDS + 1))]
)
def test_a_large_head_is_refused(port: int, fields: bytes) -> None:
    assert asked(port, b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n\r\n")[:12] in (b"HTTP/1.1 400", b"")


def test_a_connection_too_many_is_closed_and_a_place_is_free_again(port: int, site: BoundedSite) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(MOST_CONNECTIONS)]
    eventually(lambda: site.open == MOST_CONNECTIONS, "all are open")
    assert asked(port, b"GET / HTTP/1.0\r\n\r\n") == b""
    held.pop().close()
    eventually(lambda: site.open == MOST_CONNECTIONS - 1, "one is gone")
    assert asked(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"got ")
    for each in held:
        each.close()
    eventually(lambda: site.open == 0, "all are gone")


def test_a_request_that_comes_octet_by_octet_must_be_here_in_time(site: BoundedSite) -> None:
    clock = Clock()
    channel, transport = connected(site, clock)
    for _ in range(int(REQUEST_SECONDS) - 1):
        channel.dataReceived(b"G")
        clock.advance(1.0)
        assert transport.connected
    clock.advance(1.0)
    assert not transport.connected
    assert site.open == 0
    assert not clock.getDelayedCalls()


def test_each_request_has_its_own_time(site: BoundedSite) -> None:
    clock = Clock()
    channel, transport = connected(site, clock)
    for _ in range(3):
        clock.advance(REQUEST_SECONDS - 1)
        channel.dataReceived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert transport.connected
    clock.advance(REQUEST_SECONDS)
    assert not transport.connected


def test_the_bodies_of_all_requests_have_a_bound_and_what_is_answered_counts_no_more(site: BoundedSite) -> None:
    clock = Clock()

    class Few(BoundedRequest):
        most_octets_of_all = 5000

    site.requestFactory = Few
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n"
    first, first_transport = connected(site, clock)
    first.dataReceived(head + b"x" * 3000)
    second, second_transport = connected(site, clock)
    second.dataReceived(head + b"x" * 3000)
    assert second_transport.value().startswith(b"HTTP/1.1 503 ")
    assert site.body_octets == 3000
    first.dataReceived(b"x" * 1000)
    assert first_transport.value().endswith(b"got " + b"x" * 4000)
    assert site.body_octets == 0
    third, third_transport = connected(site, clock)
    third.dataReceived(head + b"x" * 3999)
    third_transport.loseConnection()
    assert site.body_octets == 0
