"""Neither side can make us hold more than a bounded amount."""

from __future__ import annotations

from time import perf_counter

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from shared.conversation.connection import UNREAD_OCTETS
from shared.conversation.tests.sessions import Client, Session, answer_everything, door
from shared.give_way import SHARE, TURN_SECONDS


def test_client_waits_while_the_session_is_busy() -> None:
    store: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        await session.read_line()
        await store
        await answer_everything(session)

    client = Client(door(work))
    client.send(b"a\r\n", b"b\r\n" * 20_000)
    assert client.transport.producerState == "producing"
    client.send(b"b\r\n" * 3_000)
    assert client.transport.producerState == "paused"
    store.callback(None)
    client.let_go_on()
    assert client.transport.producerState == "producing"
    assert client.heard() == b"line b'b'\r\n" * 23_000
    assert client.transport.pauses == 1


def test_client_that_takes_nothing_is_not_read_from() -> None:
    client = Client(door())
    client.session.pauseProducing()
    assert client.send(b"a\r\n" * 1000) == b"line b'a'\r\n"  # it waited for a line already
    client.send(b"b\r\n" * 30_000)
    assert client.transport.producerState == "paused"
    client.session.resumeProducing()
    client.let_go_on()
    assert client.transport.producerState == "producing"
    assert client.heard().endswith(b"line b'b'\r\n")


def test_long_literal_is_not_waited_for_in_vain() -> None:
    client = Client(door())
    size = 5 * UNREAD_OCTETS
    client.send(b"LITERAL %d\r\n" % size)
    said = client.send(*[b"x" * 10_000] * (size // 10_000), b"x" * (size % 10_000))
    assert said == b"literal b'" + b"x" * size + b"'\r\n"
    assert client.transport.producerState == "producing"


def test_drain_waits_for_room() -> None:
    steps: list[str] = []

    async def talk(session: Session) -> None:
        await session.drain()
        steps.append("had room")
        session.pauseProducing()
        await session.drain()
        steps.append("has room")
        await session.read_line()

    client = Client(door(talk))
    assert steps == ["had room"]
    client.session.resumeProducing()
    assert steps == ["had room", "has room"]


def test_much_is_not_gathered() -> None:
    writes: list[int] = []

    async def talk(session: Session) -> None:
        session.transport.write = lambda octets: writes.append(len(octets))
        for _ in range(1000):
            session.write(b"x" * 1000)
        await session.read_line()

    Client(door(talk))
    assert sum(writes) == 1_000_000
    assert max(writes) <= 66_000


def test_drain_ends_when_the_client_is_gone() -> None:
    after: list[str] = []

    async def talk(session: Session) -> None:
        session.pauseProducing()
        await session.drain()
        after.append("drained")

    client = Client(door(talk))
    client.session.stopProducing()
    client.leave()
    assert after == []
    assert client.session.is_finished == 1


def test_session_does_not_write_for_ever_to_nobody() -> None:
    async def flood(session: Session) -> None:
        while await session.read_line() is None:
            session.write(b"x" * 65_536)
            await session.drain()

    client = Client(door(flood))
    client.leave()
    assert client.session.is_finished == 1


def test_others_have_their_turn_between_two_commands_of_one_that_sends_many() -> None:
    said: list[bytes] = []

    async def work(session: Session) -> None:
        while (line := await session.read_line()) is not None:
            said.append(line)
            while perf_counter() < session._turn_ends:
                pass

    client = Client(door(work))
    client.session.dataReceived(b"one\r\ntwo\r\n")
    assert said == [b"one"]
    client.let_go_on()
    assert said == [b"one", b"two"]


def test_turns_that_begin_while_others_wait_are_short() -> None:
    clock, taken = Clock(), []

    async def work(session: Session) -> None:
        while await session.read_line() is not None:
            taken.append(session._turn_ends - perf_counter())
            while perf_counter() < session._turn_ends:
                pass

    factory = door(work, clock)
    for client in [Client(factory) for _ in range(3)]:
        client.session.dataReceived(b"one\r\ntwo\r\n")
    assert len(taken) == 3
    assert max(taken[1:]) <= TURN_SECONDS / SHARE
