"""A client signs in once; the store may then be away."""

from __future__ import annotations

import base64
import gc
import tracemalloc
from contextlib import suppress

import pytest

from services.http_proxy.tests.clients import Client
from services.http_proxy.tests.members import PASSWORD, basic, counted, guarded, status
from shared.accounts.account import Account
from shared.accounts.add_app_password import add_app_password
from shared.accounts.change_account import disable_account
from shared.accounts.set_password import set_password
from shared.accounts.verifiers import Verifiers
from shared.activity.events import SignInAttempt
from shared.activity.record import recorded
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.database.transaction import Transaction
from shared.doors import find_door
from shared.events.bus import Bus
from shared.events.embedded import EmbeddedRedis
from shared.testing.builders import an_account, verifiers_of
from shared.testing.eventually import eventually
from shared.testing.origins import OK, always, origin
from shared.testing.reactor import call_in_reactor, wait_for
from shared.testing.store_outage import StoreOutage


@pytest.fixture(scope="module")
def verifiers() -> Verifiers:
    return verifiers_of(PASSWORD)


@pytest.fixture
def alice(database: Database, verifiers: Verifiers) -> Account:
    return wait_for(lambda: database.transact(an_account, "alice", verifiers=verifiers))


def test_strangers_are_asked_who_they_are(database: Database, bus: Bus, alice: Account) -> None:
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        url = f"http://{web.authority}/"
        client.get(url)
        answer = client.answer()
        assert answer.status == 407
        assert [each.split()[0] for each in answer.field(b"proxy-authenticate")] == [b"Basic", b"Bearer"]
        assert status(client, url, basic("alice", "wrong")) == 407
        assert status(client, url, basic("nobody", PASSWORD)) == 407
        assert status(client, url, "Proxy-Authorization: Basic ???") == 407
        assert status(client, url, "Proxy-Authorization: Basic YWxpY2U=") == 407  # no colon
        assert status(client, url, "Proxy-Authorization: Digest x") == 407
        client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.answer().status == 407
        assert web.heads == []
        assert status(client, url, basic("alice", PASSWORD)) == 200
        assert b"uthorization" not in web.heads[0]
        eventually(lambda: running.counts.statuses[200] == 1, "it was counted")
        assert counted(running, database)[-1] == (alice.id, "127.0.0.1", 200, 1, 0, 2)


def test_the_log_names_the_door_of_a_sign_in_as_it_is_called_everywhere(
    database: Database, bus: Bus, alice: Account
) -> None:
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        with recorded() as events:
            status(client, f"http://{web.authority}/", basic("alice", "wrong"))
            status(client, f"http://{web.authority}/", basic("alice", PASSWORD))
        attempts = [event for event in events if isinstance(event, SignInAttempt)]
        assert {find_door(each.door).name for each in attempts} == {"http_proxy"}
        assert [each.method for each in attempts] == ["basic", "basic"]


def test_strangers_do_not_write_into_the_report(
    database: Database, bus: Bus, alice: Account, database_url: str, server_url: str
) -> None:
    """Until somebody has signed in the host of a request is a stranger's text: it is not counted by name."""
    outage = StoreOutage(database_url, server_url)
    with guarded(database, bus) as running, Client(running.port) as client:
        assert status(client, "http://slander-1.example/") == 407
        assert status(client, "http://slander-2.example/", basic("alice", "wrong")) == 407
        client.send(b"CONNECT slander-3.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.answer().status == 407
        outage.begin()
        try:
            assert status(client, "http://slander-4.example/", basic("alice", PASSWORD)) == 503
        finally:
            outage.end()
        eventually(lambda: running.counts.statuses == {407: 3, 503: 1}, "all are counted")

        def written() -> object:
            with suppress(StoreUnavailable):
                return counted(running, database)
            return None

        assert eventually(written, "the store is there again") == [(0, "", 407, 3, 0, 0), (0, "", 503, 1, 0, 0)]


def test_what_is_refused_leaves_nothing_behind(database: Database, bus: Bus) -> None:
    """Long values of every field that is read are thrown away with a request that is answered 407."""

    def ask(client: Client, number: int, octets: int) -> None:
        filler = f"{number}-" + "x" * octets
        client.get(f"http://{number}.example/{filler}", f"Connection: {filler}", f"Proxy-Connection: {filler}",
                   f"Upgrade: {filler}", f"Via: 1.1 {filler}", f"Expect: {filler}",
                   f"Authorization: {filler}")  # fmt: skip
        assert client.answer().status == 407

    with guarded(database, bus) as running, Client(running.port) as client:
        ask(client, 0, 10)
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(1, 101):
                ask(client, number, 8000)
            gc.collect()
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert grown < 1 << 20  # 100 requests of 56,000 octets were 5.6 MB


def test_passwords_in_latin_1_are_understood(database: Database, bus: Bus, alice: Account) -> None:
    """requests and aiohttp send them so, whatever `charset` says (RFC 7617 §2.1)."""
    latin = base64.b64encode(f"alice:{PASSWORD}".encode("latin-1")).decode()
    wrong = base64.b64encode("alice:tea at f\xf4ur".encode("latin-1")).decode()
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        assert status(client, f"http://{web.authority}/", f"Proxy-Authorization: Basic {latin}") == 200
        assert status(client, f"http://{web.authority}/", f"Proxy-Authorization: Basic {wrong}") == 407


def test_app_passwords_come_as_basic_and_as_bearer(database: Database, bus: Bus, alice: Account) -> None:
    def add(scope: list[str]) -> str:
        return wait_for(lambda: database.transact(add_app_password, alice.id, "laptop", scope))[1]

    good, bad = add(["proxy"]), add(["imap"])
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        url = f"http://{web.authority}/"
        assert status(client, url, basic("alice", good)) == 200
        assert status(client, url, f"Proxy-Authorization: Bearer {good}") == 200
        assert status(client, url, f"proxy-authorization: bearer  {good}") == 200
        assert status(client, url, f"Proxy-Authorization: Bearer {bad}") == 407
        assert status(client, url, "Proxy-Authorization: Bearer " + "2" * 28) == 407
        assert status(client, url, basic("alice", bad)) == 407


def test_who_was_proved_goes_on_while_the_store_is_away(
    database: Database, bus: Bus, alice: Account, database_url: str, server_url: str
) -> None:
    outage = StoreOutage(database_url, server_url)
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        url = f"http://{web.authority}/"
        assert status(client, url, basic("alice", PASSWORD)) == 200
        outage.begin()
        try:
            assert status(client, url, basic("alice", PASSWORD)) == 200
            running.parts.credentials.doubt()  # minutes later, or news may have been missed
            assert status(client, url, basic("alice", PASSWORD)) == 200
            client.get(url, basic("bob", "x"))
            answer = client.answer()
            assert (answer.status, answer.field(b"retry-after")) == (503, [b"5"])
        finally:
            outage.end()


def test_without_redis_everything_goes_on(
    database: Database, bus: Bus, alice: Account, redis_server: EmbeddedRedis
) -> None:
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        url = f"http://{web.authority}/"
        redis_server.stop()
        try:
            assert status(client, url, basic("alice", PASSWORD)) == 200
            assert status(client, url, basic("alice", "wrong")) == 407
        finally:
            redis_server.start()


def has_looked(bus: Bus) -> bool:
    """Whether news come, and all who missed some while the connection was made have looked."""
    return bus.is_connected and not bus._rounds._left


def test_a_changed_account_proves_itself_anew(
    database: Database, bus: Bus, transaction: Transaction, alice: Account
) -> None:
    with origin(always(OK)) as web, guarded(database, bus) as running, Client(running.port) as client:
        eventually(lambda: call_in_reactor(has_looked, bus), "news come")
        url = f"http://{web.authority}/"
        assert status(client, url, basic("alice", PASSWORD)) == 200
        set_password(transaction, alice.id, verifiers_of("coffee at five"))
        events = transaction.commit()
        assert status(client, url, basic("alice", PASSWORD)) == 200  # nobody has told us yet
        call_in_reactor(bus.announce, events)
        eventually(lambda: status(client, url, basic("alice", PASSWORD)) == 407, "the old password is forgotten")
        assert status(client, url, basic("alice", "coffee at five")) == 200


def test_a_disabled_account_loses_its_tunnels(database: Database, bus: Bus, alice: Account) -> None:
    with origin(always(b"")) as web, guarded(database, bus) as running, Client(running.port) as client:
        eventually(lambda: bus.is_connected, "news come")
        client.send(f"CONNECT {web.authority} HTTP/1.1\r\nHost: x\r\n{basic('alice', PASSWORD)}\r\n\r\n".encode())
        assert client.answer("CONNECT").status == 200
        wait_for(lambda: database.transact(disable_account, alice.id))
        with pytest.raises(ConnectionResetError):
            client.rest()
