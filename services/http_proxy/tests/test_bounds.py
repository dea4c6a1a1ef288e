"""The costs of a slow, silent or greedy peer are bounded, on both sides."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from services.http_proxy.parts import Patience
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.proxies import proxy
from shared.testing.eventually import eventually
from shared.testing.origins import OK, Origin, Visit, always, answering, origin
from shared.testing.reactor import call_in_reactor, wait_for
from shared.testing.undisturbed import undisturbed

HASTY = Patience(idle=1.0, head=1.0, silence=1.0, tunnel=1.0)  # the tests say what they have to say in far less
# What the two socket pairs may hold between them: Linux lets each grow as it sees fit, up to these limits.
KERNEL_OCTETS = 2 * sum(int(Path(f"/proc/sys/net/ipv4/tcp_{side}").read_text().split()[2]) for side in ("rmem", "wmem"))
HELD_OCTETS = 1 << 20  # what the proxy may hold of one body


def pour(web: Origin, visit: Visit, total: int, head: bytes) -> None:
    """Send without end, and note how much was taken."""
    visit.read_head()
    visit.socket.settimeout(None)
    visit.send(head)
    block = b"x" * 65536
    sent = 0
    while sent < total:
        visit.send(block)
        sent += len(block)
        web.heads.append(b"")


@pytest.mark.parametrize("coding", [b"Content-Length: 1073741824", b"Transfer-Encoding: chunked", b"X: until close"])
def test_a_fast_origin_waits_for_a_slow_client(coding: bytes) -> None:
    def behave(web: Origin, visit: Visit) -> None:
        size = b"40000000\r\n" if b"chunked" in coding else b""
        pour(web, visit, 1 << 30, b"HTTP/1.1 200 OK\r\n" + coding + b"\r\n\r\n" + size)

    with origin(behave) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        client.until(b"\r\n\r\n")
        stalled = stalls(lambda: len(web.heads))
        assert stalled * 65536 < KERNEL_OCTETS + HELD_OCTETS
        assert call_in_reactor(held, running) < HELD_OCTETS
        for _ in range(200):
            client.more()
        eventually(lambda: len(web.heads) > stalled, "the origin goes on when the client does")


def test_a_fast_client_waits_for_a_slow_origin() -> None:
    def behave(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        released.wait()
        web.heads.append(visit.read(1 << 24))

    released = threading.Event()
    with origin(behave) as web, proxy() as running, Client(running.port) as client:
        client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n".encode())
        eventually(lambda: web.heads, "the request arrived")
        client.socket.setblocking(False)
        sent = 0

        def push() -> int:
            nonlocal sent
            try:
                while True:
                    sent += client.socket.send(b"x" * 65536)
            except BlockingIOError:
                return sent

        assert stalls(push) < KERNEL_OCTETS + HELD_OCTETS
        assert call_in_reactor(held, running) < HELD_OCTETS
        before = sent
        released.set()
        eventually(lambda: push() > before + (1 << 20), "the client goes on when the origin does")


def stalls(progress: object) -> int:
    """The number at which it stands still."""
    assert callable(progress)
    last, since = -1, time.monotonic()
    deadline = since + 20
    while time.monotonic() < deadline:
        now = progress()
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.5:
            return int(last)
        threading.Event().wait(0.05)
    raise AssertionError("it never stood still")


def held(running: object) -> int:
    """Octets that wait in the proxy's transports."""
    octets = 0
    for client in running.factory.conversations():  # type: ignore[attr-defined]
        sides = [client.transport, client.exchange._origin.transport]
        octets += sum(len(side.dataBuffer) + side._tempDataLen for side in sides) + len(client._ahead)
    return octets


def test_pipelining_without_reading_is_bounded() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    with origin(always(body)) as web, proxy() as running, Client(running.port) as client:
        client.socket.setblocking(False)
        request = f"GET http://{web.authority}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 100
        sent, without_end = 0, KERNEL_OCTETS + 2 * HELD_OCTETS

        def push() -> int:
            nonlocal sent
            try:
                while sent < without_end:
                    sent += client.socket.send(request)
            except BlockingIOError:
                pass
            return sent

        stalls(push)
        assert sent < without_end
        assert len(web.heads) * 100_000 < 2 * KERNEL_OCTETS


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (b"", b""),
        (b"GET http://a", b"HTTP/1.1 408 "),
        (b"GET http://a/ HTTP/1.1\r\nX: ", b"HTTP/1.1 408 "),
        (b"\r\n", b""),
    ],
)
@undisturbed
def test_slow_heads_are_let_go(said: bytes, reply: bytes) -> None:
    with proxy(patience=HASTY) as running:
        clients = [Client(running.port) for _ in range(10)]
        for client in clients:
            client.send(said)
        for client in clients:
            assert client.rest().startswith(reply)
            client.socket.close()
        eventually(lambda: running.factory.counts.open_now == 0, "nobody is left")
        assert running.factory.counts.timed_out == 10


@undisturbed
def test_drop_by_drop_is_no_way_to_keep_a_place() -> None:
    with proxy(patience=HASTY) as running, Client(running.port) as client:
        client.send(b"GET http://a/ HTTP/1.1\r\n")
        client.socket.settimeout(0.2)
        reply = b""
        for _ in range(50):
            try:
                reply = client.more()
                break
            except TimeoutError:
                client.send(b"X: y\r\n")
        assert reply.startswith(b"HTTP/1.1 408 ")


@undisturbed
def test_a_body_that_does_not_come() -> None:
    with origin(always(b"")) as web, proxy(patience=HASTY) as running, Client(running.port) as client:
        client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf".encode())
        assert client.answer().status in (408, 504)  # whichever of the two silent sides is looked at first
        assert client.is_closed()


@undisturbed
def test_an_origin_that_does_not_answer() -> None:
    with origin(always(b"")) as web, proxy(patience=HASTY) as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        assert client.answer().status == 504
        client.get(f"http://{web.authority}/")  # the client's own connection is none the worse
        assert client.answer().status == 504


@undisturbed
def test_an_origin_that_stops_in_the_middle() -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"
    with origin(always(begun)) as web, proxy(patience=HASTY) as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        with pytest.raises(ConnectionResetError):
            client.answer()


@undisturbed
def test_a_silent_tunnel_is_closed() -> None:
    with origin(always(b"")) as web, proxy(patience=HASTY) as running, Client(running.port) as client:
        client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer("CONNECT").status == 200
        assert client.is_closed()


def test_too_many_connections_are_told() -> None:
    with proxy(max_connections=2) as running, Client(running.port), Client(running.port):
        eventually(lambda: running.factory.counts.accepted == 2, "two are in")
        with Client(running.port) as third:
            answer = third.answer()
            assert (answer.status, answer.field(b"retry-after")) == (503, [b"5"])


def test_idle_origins_are_closed_and_the_pool_is_bounded() -> None:
    with origin(always(OK)) as web, proxy() as running:
        running.parts.pool._most_per_origin = 3
        clients = [Client(running.port) for _ in range(8)]
        for client in clients:
            client.get(f"http://{web.authority}/")
        assert [client.answer().status for client in clients] == [200] * 8
        eventually(lambda: len(running.parts.pool) <= 3, "no more are kept")
        for client in clients:
            client.socket.close()


def test_an_origin_that_leaves_is_taken_out_of_the_pool() -> None:
    with origin(answering(OK)) as web, proxy() as running, Client(running.port) as client:
        client.get(f"http://{web.authority}/")
        assert client.answer().status == 200
        eventually(lambda: len(running.parts.pool) == 0, "the pool has let go of it")


def test_a_shutdown_lets_requests_finish() -> None:
    answered = threading.Event()

    def slow(web: Origin, visit: Visit) -> None:
        web.heads.append(visit.read_head())
        answered.wait(20)
        visit.send(OK)

    with origin(slow) as web, proxy() as running, Client(running.port) as busy, Client(running.port) as idle:
        busy.get(f"http://{web.authority}/")
        eventually(lambda: web.heads, "a request is under way")
        leaving = threading.Thread(target=wait_for, args=(lambda: running.factory.shut_down(timedelta(seconds=10)),))
        leaving.start()
        assert idle.is_closed()
        idle.socket.close()
        answered.set()
        answer = busy.answer()
        assert (answer.body, answer.field(b"connection")) == (b"ok", [b"close"])
        busy.socket.shutdown(socket.SHUT_WR)
        leaving.join(20)
        assert not leaving.is_alive()
