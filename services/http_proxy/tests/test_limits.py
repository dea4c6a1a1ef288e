"""An account's limits at the proxy, over real connections: rate, octets of a day, connections at a time."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from services.http_proxy.passage import COUNT_EVERY_OCTETS
from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.members import PASSWORD, basic, counted, guarded, limit, status
from shared.accounts.account import Account
from shared.accounts.verifiers import Verifiers
from shared.database.database import Database
from shared.events.bus import Bus
from shared.testing.builders import an_account, verifiers_of
from shared.testing.eventually import eventually
from shared.testing.origins import OK, Origin, Visit, always, origin
from shared.testing.reactor import wait_for

ALICE = basic("alice", PASSWORD)


@pytest.fixture(scope="module")
def verifiers() -> Verifiers:
    return verifiers_of(PASSWORD)


@pytest.fixture
def alice(database: Database, verifiers: Verifiers) -> Account:
    return wait_for(lambda: database.transact(an_account, "alice", verifiers=verifiers))


def serve(web: Origin, visit: Visit) -> None:
    """Answer GET, read all that is posted, and shout into a WebSocket."""
    while head := visit.read_head():
        web.heads.append(head)
        if head.startswith(b"POST"):
            visit.read_all()
        elif b"Upgrade" in head:
            visit.read(3)
            visit.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            visit.send(visit.read(3).upper())
            return
        else:
            visit.send(OK)


def test_requests_beyond_the_rate_are_asked_to_wait(database: Database, bus: Bus, alice: Account) -> None:
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        url = f"http://{web.authority}/"
        limit(running, database, alice.id, {"requests_per_second": 0.001, "burst": 2})
        assert [status(client, url, ALICE) for _ in range(2)] == [200, 200]
        client.get(url, ALICE)
        answer = client.answer()
        assert answer.status == 429
        assert 900 < int(answer.field(b"retry-after")[0]) <= 1000
        limit(running, database, alice.id, {"requests_per_second": None})
        assert status(client, url, ALICE) == 200
        assert counted(running, database) == [
            (alice.id, "127.0.0.1", 200, 3, 0, 6),
            (alice.id, "127.0.0.1", 429, 1, 0, 0),
        ]


@pytest.mark.parametrize("framing", ["Content-Length: 1000000000", "Transfer-Encoding: chunked"])
def test_an_upload_ends_when_the_volume_of_the_day_is_spent(
    database: Database, bus: Bus, alice: Account, framing: str
) -> None:
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n" if "chunked" in framing else b"x" * 0x10000
    with origin(serve) as web, guarded(database, bus) as running, Client(running.port) as client:
        limit(running, database, alice.id, {"connections": 1})
        client.send(f"POST http://{web.authority}/ HTTP/1.1\r\nHost: x\r\n{ALICE}\r\n{framing}\r\n\r\n".encode())
        eventually(lambda: len(web.heads) == 1, "the request arrived")
        limit(running, database, alice.id, {"octets_per_day": 1})
        for _ in range(COUNT_EVERY_OCTETS // 0x10000):
            client.send(piece)
        answer = client.answer()
        assert (answer.status, answer.field(b"connection")) == (429, [b"close"])
        assert 0 < int(answer.field(b"retry-after")[0]) <= 86400
        assert client.is_closed()
        lines = counted(running, database)
        assert sum(line[4] for line in lines) == COUNT_EVERY_OCTETS
        assert min(line[4] for line in lines) >= 0
        limit(running, database, alice.id, {"octets_per_day": None})
        with Client(running.port) as another:
            assert status(another, f"http://{web.authority}/", ALICE) == 200  # the upload is under way no more


def ask(client: Client, authority: str) -> None:
    """A request that is answered over a connection that stays open."""
    assert status(client, f"http://{authority}/", ALICE) == 200


def tunnel(client: Client, authority: str) -> None:
    """A tunnel that ends by halves."""
    client.send(f"CONNECT {authority} HTTP/1.1\r\nHost: x\r\n{ALICE}\r\n\r\n".encode())
    assert client.answer("CONNECT").status == 200
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    assert client.answer().body == b"ok"
    client.socket.shutdown(socket.SHUT_WR)
    assert client.rest() == b""


def switch(client: Client, authority: str) -> None:
    """A WebSocket, opened by a request that has a body."""
    client.send(
        f"GET http://{authority}/ HTTP/1.1\r\nHost: x\r\n{ALICE}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nContent-Length: 3\r\n\r\nmay".encode()
    )
    assert client.answer().status == 101
    client.send(b"tea")
    assert client.read(3) == b"TEA"


def leave(client: Client, authority: str) -> None:
    """An upload that its client leaves."""
    client.send(f"POST http://{authority}/ HTTP/1.1\r\nHost: x\r\n{ALICE}\r\nContent-Length: 9\r\n\r\nhalf".encode())


@pytest.mark.parametrize("use", [ask, tunnel, switch, leave])
def test_what_is_under_way_counts_among_the_connections_until_it_ends(
    database: Database, bus: Bus, alice: Account, use: Callable[[Client, str], None]
) -> None:
    with origin(serve) as web, guarded(database, bus) as running:
        url = f"http://{web.authority}/"
        limit(running, database, alice.id, {"connections": 1})
        with Client(running.port) as waiting, Client(running.port) as other:
            waiting.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n{ALICE}\r\n\r\n".encode())
            assert waiting.answer("CONNECT").status == 200
            assert status(other, url, ALICE) == 429
        with Client(running.port) as client:
            eventually(lambda: status(client, url, ALICE) == 200, "the tunnel is under way no more")
        for _ in range(2):
            with Client(running.port) as client:
                use(client, web.authority)
            with Client(running.port) as client:
                eventually(lambda: status(client, url, ALICE) == 200, "nothing is under way")
