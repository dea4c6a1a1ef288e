"""Lines, literals and blocks are read in order, however they come, and answers go out together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from shared.conversation import connection, reading
from shared.conversation.conversation import WOKEN
from shared.conversation.errors import KEPT_OCTETS, LineTooLong, SpoolFull
from shared.conversation.limits import Limits
from shared.conversation.spool import Spool
from shared.conversation.tests.sessions import Client, Session, answer_everything, cut, door

SESSION = (
    b"one\r\nbare\nline\rfeeds \0\r\n\r\nLITERAL 7\r\na\r\nb\r\ncBLOCK\r\n..dots\r\n.\r\nBLOCK\r\nbare\n.\r\n.\r\n"
    + b"x" * 150
    + b"\r\nLITERAL 0\r\nBLOCK\r\n"
    + b"y" * 98
    + b"\r\n.\r\n"
    + b"z" * 98
    + b"\r\nlast\r\n"
)


@given(st.lists(st.integers(0, 10_000)))
def test_answers_are_the_same_however_cut(places: list[int]) -> None:
    whole = Client(door()).send(SESSION)
    assert whole.endswith(b"line b'last'\r\n")
    assert b"too long\r\nliteral b''\r\n" in whole
    assert Client(door()).send(*cut(SESSION, places)) == whole


def test_octet_by_octet_is_the_same_too() -> None:
    octets = [SESSION[place : place + 1] for place in range(len(SESSION))]
    assert Client(door()).send(*octets) == Client(door()).send(SESSION)


def test_crlf_and_lf_alone_end_a_line_and_cr_alone_does_not() -> None:
    client = Client(door())
    assert client.send(b"a\n") == b"line b'a'\r\n"
    assert client.send(b"b\r", b"c\n\r") == b"line b'b\\rc'\r\n"
    assert client.send(b"\n") == b"line b''\r\n"
    assert client.send(b"d\r\r\n") == b"line b'd\\r'\r\n"


def test_octets_behind_a_line_that_lf_ended_are_counted_exactly() -> None:
    client = Client(door())
    assert client.send(b"LITERAL 3\n\n\r\nx\n") == b"literal b'\\n\\r\\n'\r\nline b'x'\r\n"
    assert client.send(b"LITERAL 0\r\n\ny\n") == b"literal b''\r\nline b''\r\nline b'y'\r\n"


def test_lf_alone_never_ends_a_block() -> None:
    client = Client(door())
    assert client.send(b"BLOCK\na\n.\nQUIT\r\n", b".\n", b"\n.\r\n") == b""
    assert client.send(b"\r\n.\r\nnext\n") == b"BareLineFeed\r\nline b'next'\r\n"


@pytest.mark.parametrize("size", [101, 200, 65_536, 1_000_000])
@pytest.mark.parametrize("piece_octets", [64, 65_536])
def test_line_too_long_is_swallowed_whole(size: int, piece_octets: int) -> None:
    client = Client(door())
    octets = b"x" * size + b"\r\nnext\r\n"
    pieces = [octets[place : place + piece_octets] for place in range(0, len(octets), piece_octets)]
    assert client.send(*pieces) == b"too long\r\nline b'next'\r\n"
    assert not client.is_closed


@given(st.integers(101, 400), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(0, 10_000)))
def test_line_too_long_is_known_by_its_ends_however_cut(size: int, line_end: bytes, places: list[int]) -> None:
    seen: list[LineTooLong] = []

    async def wait(session: Session) -> None:
        try:
            await session.read_line()
        except LineTooLong as too_long:
            seen.append(too_long)
        await answer_everything(session)

    line = b"".join(b"%03d," % number for number in range(100))[:size]
    client = Client(door(wait))
    assert client.send(*cut(line + line_end + b"next\r\n", places)) == b"line b'next'\r\n"
    (too_long,) = seen
    assert (too_long.first, too_long.last, too_long.octets) == (line[:KEPT_OCTETS], line[-KEPT_OCTETS:], len(line))


def test_line_without_an_end_is_given_up() -> None:
    client = Client(door(limits=Limits(line_octets=100, swallowed_octets=1_000_000)))
    said = client.send(*[b"x" * 65_536] * 20)
    assert said == b"bye LINE_TOO_LONG\r\n"
    assert client.is_closed
    assert len(client.session._inbox) == 0


def test_replies_to_a_pipeline_leave_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (connection, reading):  # no turn is over, however busy the machine is
        monkeypatch.setattr(module, "perf_counter", lambda: 0.0)
    client = Client(door())
    writes: list[bytes] = []
    client.transport.write = writes.append  # type: ignore[method-assign]
    client.send(b"a\r\n" * 100)
    assert len(writes) == 1
    client.send(b"a" * 90 + b"\r\n", b"b" * 90 + b"\r\n")
    assert len(writes) == 3


def test_replies_leave_before_the_store_is_waited_for() -> None:
    store: Deferred[None] = Deferred()

    async def ask_store(session: Session) -> None:
        session.write(b"wait\r\n")
        await store
        session.write(b"done\r\n")
        await session.read_line()

    client = Client(door(ask_store))
    assert client.heard() == b"wait\r\n"
    store.callback(None)
    assert client.heard() == b"done\r\n"


def test_store_fault_reaches_the_coroutine() -> None:
    store: Deferred[None] = Deferred()

    async def ask_store(session: Session) -> None:
        try:
            await store
        except KeyError as fault:
            session.write(repr(fault).encode())

    client = Client(door(ask_store))
    store.errback(KeyError("gone"))
    assert client.heard() == b"KeyError('gone')"


def test_large_literals_come_whole() -> None:
    async def take(session: Session) -> None:
        octets = await session.read_exactly(1_000_000)
        session.write(b"%d %d\r\n" % (len(octets), octets.count(b"x")))
        spool = Spool()
        await session.read_into(3_000_000, spool)
        session.write(b"%d\r\n" % bytes(spool.octets).count(b"y"))
        await session.discard(10)
        await answer_everything(session)

    client = Client(door(take))
    octets = b"x" * 1_000_000 + b"y" * 3_000_000 + b"z" * 10 + b"next\r\n"
    pieces = [octets[place : place + 65_536] for place in range(0, len(octets), 65_536)]
    assert client.send(*pieces) == b"1000000 1000000\r\n3000000\r\nline b'next'\r\n"


def test_full_disk_is_told_after_the_literal() -> None:
    class Full(Spool):
        def append(self, octets: bytes) -> None:
            raise SpoolFull

    async def take(session: Session) -> None:
        with pytest.raises(SpoolFull):
            await session.read_into(6, Full())
        await answer_everything(session)

    assert Client(door(take)).send(b"abc", b"defnext\r\n") == b"line b'next'\r\n"


def test_session_sees_whether_it_is_pipelined() -> None:
    async def look(session: Session) -> None:
        while await session.read_line() is not None:
            session.write(b"%d" % session.has_buffered_line())

    assert Client(door(look)).send(b"a\r\nb\r\nc\r\nhalf", b" done\r\n") == b"1100"


async def idle(session: Session) -> None:
    """Tell of news and of lines."""
    while (line := await session.read_line_or_wake()) is not None:
        session.write(b"news\r\n" if line is WOKEN else b"line\r\n")


def test_news_wake_who_waits_and_once() -> None:
    client = Client(door(idle))
    client.session.wake()
    assert client.heard() == b"news\r\n"
    assert client.send(b"a\r\nb\r\nhal") == b"line\r\nline\r\n"
    client.session.wake()
    assert client.heard() == b"news\r\n"
    assert client.send(b"f\r\n") == b"line\r\n"


def test_news_before_waiting_are_not_lost() -> None:
    busy: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        await busy
        await idle(session)

    client = Client(door(work))
    client.session.wake()
    client.session.wake()
    client.send(b"a\r\n")
    busy.callback(None)
    client.let_go_on()
    assert client.heard() == b"news\r\nline\r\n"


def test_news_do_not_disturb_other_reading() -> None:
    client = Client(door())
    client.send(b"LITERAL 3\r\n")
    client.session.wake()
    assert client.send(b"abcd\r\n") == b"literal b'abc'\r\nline b'd'\r\n"


def test_line_too_long_may_come_while_news_are_awaited() -> None:
    seen: list[Any] = []

    async def wait(session: Session) -> None:
        try:
            await session.read_line_or_wake()
        except LineTooLong:
            seen.append(await session.read_line_or_wake())

    client = Client(door(wait))
    client.send(b"x" * 150, b"x\r", b"\nDONE\r\n")
    assert seen == [b"DONE"]
