"""Requests and responses that end in another way than they should, on either side, over real sockets."""

from __future__ import annotations

import socket
import threading

import pytest

from services.http_proxy.passage import COUNT_EVERY_OCTETS
from services.http_proxy.pool import OriginPool
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.members import counted, storing
from services.http_proxy.tests.proxies import proxy
from shared.conversation.send_at_once import has_hung_up
from shared.database.database import Database
from shared.events.bus import Bus
from shared.testing.eventually import eventually
from shared.testing.origins import OK, Origin, Visit, always, answering, origin
from shared.testing.reactor import wait_for
from shared.testing.undisturbed import undisturbed


def test_an_upload_that_the_client_leaves_is_counted_for_its_host(database: Database, bus: Bus) -> None:
    def wait(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.read_all()

    with origin(wait) as web, storing(database, bus) as running:
        for reset in (False, True):
            with Client(running.port) as client:
                client.send(
                    f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf".encode()
                )
                eventually(lambda: len(web.heads) == reset + 1, "the request arrived")  # noqa: B023
                if reset:
                    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        eventually(lambda: running.counts.statuses == {499: 2}, "both were counted")
        assert counted(running, database) == [(0, "127.0.0.1", 499, 2, 8, 0)]


def test_what_was_uploaded_before_a_tunnel_is_counted_once() -> None:
    sent = COUNT_EVERY_OCTETS + 5

    def switch(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.read(sent)
        visit.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        visit.send(visit.read(3))

    with origin(switch) as web, proxy() as running:
        with Client(running.port) as client:
            client.send(
                f"GET http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Content-Length: {sent}\r\n\r\n".encode()
            )
            client.send(b"x" * sent)
            assert client.answer().status == 101
            client.send(b"tea")
            assert client.read(3) == b"tea"
            assert COUNT_EVERY_OCTETS <= running.counts.octets_in <= sent
        eventually(lambda: running.counts.statuses, "it is over")
        assert (running.counts.octets_in, running.counts.octets_out) == (sent + 3, 3)


@pytest.mark.parametrize("body", [b"xyz\r\n", b"4\r\nteaXX", b"0\r\nno trailer\r\n\r\n"])
def test_a_broken_body_of_which_nothing_was_passed_on_is_a_bad_answer(body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    with origin(answering(head + body)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        answer = client.answer()
        assert (answer.status, answer.field(b"transfer-encoding")) == (502, [])
        assert b"well-formed" in answer.body
        client.get("http://127.0.0.1:1/")
        assert client.answer().status == 502  # the client's connection is none the worse
        eventually(lambda: running.counts.statuses == {502: 2}, "both were counted")
        assert (running.counts.octets_in, running.counts.octets_out) == (0, 0)


def test_an_early_answer_does_not_wait_for_the_body() -> None:
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!"
    with origin(answering(refusal)) as web, proxy() as running, Client(running.port) as client:
        client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nx".encode())
        answer = client.answer()
        assert (answer.status, answer.body, answer.field(b"connection")) == (413, b"no!", [b"close"])
        client.send(b"still sending")
        assert client.is_closed()
        eventually(lambda: len(running.parts.pool) == 0, "the connection is not kept")


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\n\r\npart",
    ],
)
def test_a_response_that_breaks_off_never_looks_complete(begun: bytes) -> None:
    def reset(web: Origin, visit: Visit) -> None:
        visit.read_head()
        visit.send(begun)
        visit.read_until(b"broken")
        visit.reset()

    with origin(reset) as web, proxy() as running, Client(running.port) as client:
        request = f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode()
        client.send(request)
        client.until(b"part")
        client.send(b"broken")
        with pytest.raises(ConnectionResetError):
            client.rest()
        eventually(lambda: running.counts.statuses, "it was counted")


def test_a_chunked_response_that_ends_too_early_is_cut_off() -> None:
    begun = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"
    with origin(answering(begun)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        with pytest.raises(ConnectionResetError):
            client.answer()


@undisturbed  # the POST takes a connection that was used within two seconds
def test_a_stale_connection_is_replaced_once() -> None:
    """The origin closed the idle connection just when it was taken from the pool (RFC 9112 §9.3.1)."""

    def one_each(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        visit.send(OK)
        if visit.read_head():  # the second request on it finds nobody
            visit.reset()

    with origin(one_each) as web, proxy() as running, Client(running.port) as client:
        for _ in range(3):
            client.get(f"http://{web.authority}/")
            assert client.answer().body == b"ok"
        client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx".encode())
        assert client.answer().status == 502  # nobody knows whether it was done: not said twice (RFC 9110 §9.2.2)
        assert len(web.heads) == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_body_is_sent_on_a_connection_that_lives(method: str) -> None:
    """It is gone by the time that a dead one is noticed: PUT and DELETE may be repeated, but cannot be."""

    def one_each(web: Origin, visit: Visit) -> None:
        head, leave = visit.read_head(), gone  # the next round begins as soon as this one is answered
        web.heads.append(head)
        visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (visit.read(5) if b"Length" in head else b"ready"))
        leave.wait(20)  # and hang up, without having said so

    with origin(one_each) as web, proxy() as running, Client(running.port) as client:
        for _ in range(3):
            gone = threading.Event()
            client.get(f"http://{web.authority}/")
            assert client.answer().body == b"ready"
            eventually(lambda: len(running.parts.pool) == 1, "the connection is idle")
            wait_for(lambda: hang_up_unnoticed(running.parts.pool, gone))  # noqa: B023
            client.send(
                f"{method} http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".encode()
            )
            assert client.answer().body == b"hello"


async def hang_up_unnoticed(pool: OriginPool, gone: threading.Event) -> None:
    """Let the origin close while the reactor is busy, and does not see it."""
    (idle,) = pool._by_age
    idle.transport.stopReading()
    gone.set()
    while not has_hung_up(idle.transport):
        threading.Event().wait(0.001)


def test_who_closes_its_half_is_still_answered() -> None:
    with origin(always(OK)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer().body == b"ok"
        assert client.is_closed()


def test_who_leaves_takes_the_origins_connection_along() -> None:
    left: list[bytes] = []

    def slow(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        try:
            left.append(visit.read_all() or b"gone")
        except OSError:
            left.append(b"gone")

    with origin(slow) as web, proxy() as running:
        client = Client(running.port)
        client.get(f"http://{web.authority}/")
        eventually(lambda: web.heads, "the request arrived")
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        client.socket.close()
        eventually(lambda: left == [b"gone"], "the origin was left alone")
        eventually(lambda: running.counts.statuses == {499: 1}, "it was counted")
        assert (running.counts.octets_in, running.counts.octets_out) == (0, 0)
