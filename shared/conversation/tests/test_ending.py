"""Conversations end in time, in words, and once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

from shared.conversation.deadlines import TICK_SECONDS
from shared.conversation.ending import Ending
from shared.conversation.limits import Limits
from shared.conversation.tests.sessions import Client, Session, answer_everything, door

LIMITS = Limits(line_octets=100, idle=timedelta(seconds=60), transfer=timedelta(seconds=120))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_silence_ends_the_conversation(clock: Clock) -> None:
    client = Client(door(clock=clock, limits=LIMITS))
    clock.pump([1] * 58)
    assert client.send(b"still here\r\n")
    clock.pump([1] * 58)
    assert not client.is_closed
    clock.pump([1] * 4)
    assert client.heard() == b"bye IDLE\r\n"
    assert client.is_closed
    assert client.session.is_finished == 1


def test_one_octet_a_second_does_not_hold_a_line(clock: Clock) -> None:
    client = Client(door(clock=clock, limits=LIMITS))
    for _ in range(62):
        clock.advance(1)
        client.send(b"x")
    assert client.is_closed


@pytest.mark.parametrize("command", [b"BLOCK\r\n", b"LITERAL 10000\r\n"])
def test_one_octet_a_second_does_not_hold_a_message(command: bytes, clock: Clock) -> None:
    client = Client(door(clock=clock, limits=LIMITS))
    client.send(command)
    for second in range(123):
        assert client.is_closed == (second > 120)
        clock.advance(1)
        client.send(b"x")


@pytest.mark.parametrize("command", [b"BLOCK\r\n", b"LITERAL 10000\r\n"])
def test_half_a_message_and_silence_ends_the_conversation(command: bytes, clock: Clock) -> None:
    client = Client(door(clock=clock, limits=LIMITS))
    client.send(command + b"half")
    clock.pump([1] * 62)
    assert client.heard() == b"bye IDLE\r\n"
    assert client.is_closed


def test_slow_but_steady_sender_is_given_time(clock: Clock) -> None:
    client = Client(door(clock=clock, limits=LIMITS))
    client.send(b"LITERAL 600000\r\n")
    for _ in range(1000):
        clock.advance(1)
        said = client.send(b"x" * 600)
    assert said.startswith(b"literal")


def test_busy_session_is_not_idle(clock: Clock) -> None:
    store: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        await session.read_line()
        await store
        await answer_everything(session)

    client = Client(door(work, clock, limits=LIMITS))
    client.send(b"a\r\n")
    clock.pump([1] * 1000)
    store.callback(None)
    assert client.send(b"b\r\n") == b"line b'b'\r\n"


def test_limits_may_change_after_login(clock: Clock) -> None:
    async def sign_in(session: Session) -> None:
        await session.read_line()
        session.limits = Limits(line_octets=1000, idle=timedelta(minutes=30))
        await answer_everything(session)

    client = Client(door(sign_in, clock, limits=LIMITS))
    client.send(b"me\r\n")
    clock.pump([1] * 1700)
    assert b"xxx" in client.send(b"x" * 900 + b"\r\n")
    clock.pump([1] * 1802)
    assert client.is_closed


def test_asking_again_and_again_does_not_hold_a_place_before_login(clock: Clock) -> None:
    async def sign_in(session: Session) -> None:
        while await session.read_line() != b"LOGIN":
            session.write(b"first sign in\r\n")
        session.limits = LIMITS
        await answer_everything(session)

    factory = door(sign_in, clock, limits=replace(LIMITS, in_all=timedelta(seconds=180)))
    stranger, member = Client(factory), Client(factory)
    member.send(b"LOGIN\r\n")
    for _ in range(20):
        clock.pump([1] * 10)
        stranger.send(b"NOOP\r\n")
        member.send(b"NOOP\r\n")
    assert stranger.is_closed
    assert not member.is_closed


def test_news_do_not_extend_the_idle_limit(clock: Clock) -> None:
    async def idle(session: Session) -> None:
        while await session.read_line_or_wake() is not None:
            session.write(b"* 1 EXISTS\r\n")

    client = Client(door(idle, clock, limits=LIMITS))
    for _ in range(62):
        clock.advance(1)
        client.session.wake()
    assert client.is_closed


def test_client_that_takes_nothing_is_let_go(clock: Clock) -> None:
    async def flood(session: Session) -> None:
        await session.read_line()
        session.write(b"x" * 65_536)
        session.pauseProducing()  # as a transport does whose buffer is full
        await session.drain()

    client = Client(door(flood, clock, limits=LIMITS))
    client.send(b"a\r\n")
    clock.pump([1] * (120 + 65_536 // 512 - 1))
    assert not client.is_closed
    clock.pump([1] * 2)
    assert client.is_closed
    clock.pump([1] * 21)
    assert client.transport.aborted


def test_client_that_does_not_close_is_cut_off(clock: Clock) -> None:
    client = Client(door(clock=clock))
    client.send(b"QUIT\r\n")
    assert client.is_closed
    assert not client.transport.aborted
    clock.pump([1] * 21)
    assert client.transport.aborted


def test_pipelined_commands_behind_the_end_are_not_obeyed() -> None:
    client = Client(door())
    assert client.send(b"QUIT\r\nafter\r\n", b"more\r\n") == b""
    assert client.is_closed


def test_our_bug_is_told_without_details() -> None:
    events: list[LogEvent] = []

    @implementer(ILogObserver)  # type: ignore[untyped-decorator]
    def observe(event: LogEvent) -> None:
        events.append(event)

    globalLogPublisher.addObserver(observe)
    try:
        client = Client(door())
        assert client.send(b"FAIL\r\n") == b"bye INTERNAL_ERROR\r\n"
    finally:
        globalLogPublisher.removeObserver(observe)
    assert client.is_closed
    assert client.session.is_finished == 1
    assert len(events) == 1


def test_except_exception_does_not_catch_the_end(clock: Clock) -> None:
    async def stubborn(session: Session) -> None:
        while True:
            try:
                await session.read_exactly(10)
            except Exception:
                session.write(b"try again\r\n")

    client = Client(door(stubborn, clock, limits=LIMITS))
    clock.pump([1] * 62)
    assert client.heard() == b"bye IDLE\r\n"


@pytest.mark.parametrize("sent", [b"", b"half", b"BLOCK\r\nhalf", b"LITERAL 9\r\nhalf"])
def test_client_that_leaves_is_forgotten(sent: bytes) -> None:
    factory = door()
    client = Client(factory)
    client.send(sent)
    client.leave()
    assert client.session.is_finished == 1
    assert factory.counts.open_now == 0
    assert client.heard() == b""


def test_what_was_said_before_leaving_is_obeyed() -> None:
    store: Deferred[None] = Deferred()
    obeyed: list[bytes] = []

    async def work(session: Session) -> None:
        await store
        while (line := await session.read_line()) is not None:
            obeyed.append(line)

    factory = door(work)
    client = Client(factory)
    client.send(b"delete\r\nquit\r\nhalf")
    client.leave()
    assert client.session.is_finished == 0
    assert factory.counts.open_now == 1
    store.callback(None)
    client.let_go_on()
    assert obeyed == [b"delete", b"quit"]
    assert client.session.is_finished == 1
    assert factory.counts.open_now == 0


def test_client_that_only_listens_on_is_answered() -> None:
    client = Client(door())
    client.send(b"BLOCK\r\n")
    client.send(b"a\r\n.\r\none\r\ntwo")
    client.session.readConnectionLost()
    assert client.is_closed
    assert client.session.is_finished == 1


def test_clients_that_come_and_go_one_by_one_share_a_timer(clock: Clock) -> None:
    factory = door(clock=clock)
    Client(factory).leave()
    (timer,) = clock.getDelayedCalls()
    Client(factory).leave()
    assert clock.getDelayedCalls() == [timer]


def test_no_timer_is_left_when_all_have_left(clock: Clock) -> None:
    factory = door(clock=clock)
    clients = [Client(factory), Client(factory)]
    assert len(clock.getDelayedCalls()) == 1
    for client in clients:
        client.leave()
    clock.advance(TICK_SECONDS)
    assert not clock.getDelayedCalls()


def test_broken_transport_releases_everything() -> None:
    released: list[str] = []

    async def hold(session: Session) -> None:
        try:
            await session.read_line()
            session.write("no octets")  # type: ignore[arg-type]
            await session.read_line()
        finally:
            released.append("held")

    factory = door(hold)
    client = Client(factory)
    client.send(b"a\r\n")
    assert released == ["held"]
    assert client.session.is_finished == 1
    assert client.transport.aborted
    client.leave()
    assert factory.counts.open_now == 0


def test_broken_farewell_still_closes() -> None:
    class Mute(Session):
        def farewell(self, ending: Ending) -> bytes:
            raise KeyError(ending)

        def finished(self) -> None:
            raise KeyError

    factory = door()
    factory.make = lambda: Mute(answer_everything)
    client = Client(factory)
    client.send(b"FAIL\r\n")
    assert client.is_closed
    client.leave()
    assert factory.counts.open_now == 0
