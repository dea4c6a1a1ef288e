"""CONNECT and WebSocket: two connections that pass on everything, and end by halves."""

from __future__ import annotations

import socket

from twisted.internet import tcp

from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from shared.testing.eventually import eventually
from shared.testing.origins import Origin, Visit, origin
from shared.testing.reactor import running_reactor, wait_for

UPGRADE = (
    "GET http://{0}/chat HTTP/1.1\r\nHost: {0}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def shout(web: Origin, visit: Visit) -> None:
    """Say everything back in capitals; say goodbye when the client has said all."""
    while octets := (visit.ahead or visit.socket.recv(65536)):
        visit.ahead = b""
        visit.send(octets.upper())
    visit.send(b"BYE")


def connect(client: Client, authority: str, early: bytes = b"") -> None:
    client.send(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode() + early)
    assert client.until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_a_tunnel_passes_everything_on_and_ends_by_halves() -> None:
    with origin(shout) as web, proxy() as running, Client(running.port) as client:
        connect(client, web.authority, b"early")
        assert client.read(5) == b"EARLY"
        client.send(b"tea")
        assert client.read(3) == b"TEA"
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest() == b"BYE"
        counts = running.counts
        eventually(lambda: counts.statuses == {200: 1}, "the tunnel was counted")
        assert (counts.octets_in, counts.octets_out) == (8, 11)


def test_a_tunnel_over_ipv6() -> None:
    with origin(shout, host="::1") as web, proxy() as running, Client(running.port) as client:
        connect(client, web.authority)
        client.send(b"six")
        assert client.read(3) == b"SIX"


def test_an_origin_that_goes_first_is_heard_to_the_end() -> None:
    def speech(web: Origin, visit: Visit) -> None:
        visit.send(b"x" * 3_000_000)
        visit.socket.shutdown(socket.SHUT_WR)
        web.heads.append(visit.read_all())

    with origin(speech) as web, proxy() as running, Client(running.port) as client:
        connect(client, web.authority)
        assert len(client.rest()) == 3_000_000
        client.send(b"I heard")
        client.socket.shutdown(socket.SHUT_WR)
        eventually(lambda: web.heads == [b"I heard"], "the origin heard the client out")


def test_an_origin_that_breaks_off_breaks_the_tunnel() -> None:
    def fall(web: Origin, visit: Visit) -> None:
        visit.read(1)
        visit.reset()

    with origin(fall) as web, proxy() as running, Client(running.port) as client:
        connect(client, web.authority)
        client.send(b"x")
        try:
            ended = client.rest()
        except ConnectionResetError:
            ended = b"reset"
        assert ended == b"reset"


def test_a_client_that_leaves_ends_the_tunnel() -> None:
    ended: list[bytes] = []

    def wait(web: Origin, visit: Visit) -> None:
        web.heads.append(b"here")
        ended.append(visit.read_all())

    with origin(wait) as web, proxy() as running:
        with Client(running.port) as client:
            connect(client, web.authority, b"abc")
            eventually(lambda: web.heads, "the tunnel is there")
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        eventually(lambda: ended, "the origin's side was closed")
        eventually(lambda: running.counts.statuses == {200: 1}, "it was counted")


def test_websockets_become_tunnels() -> None:
    def chat(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.send(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst"
        )
        shout(web, visit)

    with origin(chat) as web, proxy() as running, Client(running.port) as client:
        client.send(UPGRADE.format(web.authority).encode())
        answer = client.answer()
        assert answer.status == 101
        assert answer.field(b"upgrade") == [b"websocket"]
        assert answer.field(b"connection") == [b"Upgrade"]
        assert answer.field(b"sec-websocket-accept")
        client.send(b"frame")
        assert client.read(10) == b"firstFRAME"
        assert b"Connection: Upgrade\r\nUpgrade: websocket\r\n" in web.heads[0]


def test_a_refused_upgrade_is_a_response_like_any_other() -> None:
    def refuse(web: Origin, visit: Visit) -> None:
        while visit.read_head():
            visit.send(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno")

    with origin(refuse) as web, proxy() as running, Client(running.port) as client:
        for _ in range(2):
            client.send(UPGRADE.format(web.authority).encode())
            assert client.answer().body == b"no"
        assert web.connections == 1


def test_a_request_that_came_before_its_connection_was_accepted_is_read_with_it() -> None:
    """Without another turn of the reactor, which a busy proxy comes to late."""
    with origin(shout) as web, proxy() as running:

        async def connect_and_accept() -> list[str]:
            with Client(running.port) as client:
                client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                for each in running_reactor().getReaders():
                    if isinstance(each, tcp.Port) and each.getHost().port == running.port:
                        each.doRead()
                return [type(each.exchange).__name__ for each in running.factory.conversations()]

        assert wait_for(connect_and_accept) == ["Tunnel"]
