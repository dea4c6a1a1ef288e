"""A door's limits, counts and closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from shared.conversation.counts import ConversationCollector
from shared.conversation.deadlines import TICK_SECONDS
from shared.conversation.tests.sessions import Client, Session, answer_everything, door

GRACE = timedelta(seconds=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_total_of_connections_is_limited() -> None:
    factory = door(max_connections=2)
    first, _second = Client(factory, "192.0.2.1"), Client(factory, "192.0.2.2")
    third = Client(factory, "192.0.2.3")
    assert third.heard() == b"bye TOO_MANY\r\n"
    assert third.is_closed
    assert third.session.is_finished == 1
    third.leave()
    first.leave()
    assert not Client(factory, "192.0.2.3").is_closed
    assert (factory.counts.accepted, factory.counts.refused, factory.counts.open_now) == (3, 1, 2)


def test_connections_of_one_address_are_limited() -> None:
    factory = door(max_connections_per_address=1)
    assert not Client(factory, "192.0.2.1").is_closed
    assert not Client(factory, "192.0.2.2").is_closed
    refused = Client(factory, "192.0.2.1")
    assert refused.heard() == b"bye TOO_MANY\r\n"


def test_addresses_of_one_ipv6_network_count_together() -> None:
    factory = door(max_connections_per_address=1)
    addresses = ("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:0:ffff::2")
    assert [Client(factory, each).is_closed for each in addresses] == [False, False, True]


def test_this_machine_is_not_limited_by_address() -> None:
    factory = door(max_connections_per_address=1)
    assert not any(Client(factory, "127.0.0.1").is_closed for _ in range(3))


def test_clients_behind_a_proxy_are_limited_by_their_own_address() -> None:
    factory = door(max_connections_per_address=1, trusted_proxies=["10.0.0.1"])

    def connect(source: bytes) -> Client:
        client = Client(factory, "10.0.0.1")
        client.send(b"PROXY TCP4 %s 192.0.2.2 1 25\r\na\r\n" % source)
        return client

    assert [connect(each).is_closed for each in (b"192.0.2.1", b"192.0.2.9", b"192.0.2.1")] == [False, False, True]


def test_conversation_counts_until_its_work_is_done() -> None:
    store: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        await store

    factory = door(work, max_connections=1)
    first = Client(factory)
    first.leave()
    assert Client(factory).is_closed
    store.callback(None)
    assert Client(factory).heard() == b""


def shut(factory: Any) -> list[str]:
    """Shut down; the list is filled when that is done."""
    done: list[str] = []
    Deferred.fromCoroutine(factory.shut_down(GRACE)).addCallback(lambda _: done.append("done"))
    return done


def test_shutdown_takes_leave_between_commands(clock: Clock) -> None:
    factory = door(clock=clock)
    client = Client(factory)
    client.send(b"half a com")
    done = shut(factory)
    assert client.heard() == b"bye SHUTDOWN\r\n"
    assert client.is_closed
    assert done == []
    client.leave()
    assert done == ["done"]
    clock.advance(TICK_SECONDS)
    assert not clock.getDelayedCalls()


def test_shutdown_without_anybody_is_done_at_once(clock: Clock) -> None:
    assert shut(door(clock=clock)) == ["done"]


def test_shutdown_finishes_the_command(clock: Clock) -> None:
    store: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        while await session.read_line() is not None:
            await store
            session.write(b"stored\r\n")

    factory = door(work, clock)
    client = Client(factory)
    client.send(b"a\r\nb\r\n")
    shut(factory)
    assert client.heard() == b""
    store.callback(None)
    client.let_go_on()
    assert client.heard() == b"stored\r\nbye SHUTDOWN\r\n"


@pytest.mark.parametrize("command", [b"BLOCK\r\nhalf", b"LITERAL 6\r\nha"])
def test_shutdown_takes_the_message_that_is_coming(command: bytes, clock: Clock) -> None:
    factory = door(clock=clock)
    client = Client(factory)
    client.send(command)
    shut(factory)
    assert not client.is_closed
    said = client.send(b" a\r\n.\r\n")
    assert said.startswith((b"block b'half a", b"literal b'ha a"))
    assert said.endswith(b"bye SHUTDOWN\r\n")


def test_shutdown_cuts_off_after_the_grace(clock: Clock) -> None:
    factory = door(clock=clock)
    client = Client(factory)
    client.send(b"BLOCK\r\nhalf")
    done = shut(factory)
    clock.pump([1] * 9)
    assert not client.transport.aborted
    clock.pump([1] * 2)
    assert client.transport.aborted
    client.leave()
    assert done == ["done"]


def test_late_comers_are_told_too(clock: Clock) -> None:
    factory = door(clock=clock)
    Client(factory).send(b"BLOCK\r\n")
    shut(factory)
    assert Client(factory).heard() == b"bye SHUTDOWN\r\n"


def test_counts_can_be_scraped() -> None:
    factory = door(answer_everything)
    Client(factory).send(b"a\r\nb\r\n")
    registry = CollectorRegistry()
    registry.register(ConversationCollector(lambda: [(factory.name, factory.numbers())]))
    page = generate_latest(registry).decode()
    assert 'agora_commands_total{door="test"} 2.0' in page
    assert 'agora_session_bytes_total{direction="in",door="test"} 6.0' in page
    assert 'agora_connections_open{door="test"} 1.0' in page


def test_a_drain_says_farewell_to_those_who_are_here_and_admits_those_who_come(clock: Clock) -> None:
    factory = door(clock=clock)
    here = Client(factory)
    factory.drain(GRACE)
    assert here.heard() == b"bye SHUTDOWN\r\n"
    later = Client(factory)
    assert not later.is_closed
    here.leave()
    clock.advance(GRACE.total_seconds() + 1)
    assert not later.is_closed
    assert later.heard() == b""


def test_a_drain_cuts_off_whoever_is_still_here_after_the_grace(clock: Clock) -> None:
    never: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        await never

    factory = door(work, clock=clock)
    busy = Client(factory)
    factory.drain(GRACE)
    assert not busy.is_closed
    clock.advance(GRACE.total_seconds())
    assert busy.is_closed


def test_a_shutdown_after_a_drain_leaves_no_call_behind(clock: Clock) -> None:
    factory = door(clock=clock)
    client = Client(factory)
    factory.drain(GRACE)
    done = shut(factory)
    client.leave()
    assert done == ["done"]
    clock.advance(TICK_SECONDS)
    assert not clock.getDelayedCalls()


def test_one_conversation_is_ended_and_the_others_go_on(clock: Clock) -> None:
    factory = door(clock=clock)
    one, other = Client(factory), Client(factory)
    assert one.session.number != other.session.number
    factory.end(one.session, GRACE)
    assert one.heard() == b"bye SHUTDOWN\r\n"
    assert other.heard() == b""
    assert not other.is_closed
