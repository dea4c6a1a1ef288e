"""Deflate both ways, and what a bomb may do."""

from __future__ import annotations

import zlib
from itertools import pairwise
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.compression import INFLATED_OCTETS, Deflater, Inflater
from shared.conversation.tests.sessions import Client, Session, answer_everything, cut, door


@given(st.lists(st.binary(max_size=200)))
def test_each_piece_is_understood_at_once(pieces: list[bytes]) -> None:
    deflater, inflater = Deflater(), zlib.decompressobj(-15)
    for piece in pieces:
        assert inflater.decompress(deflater.deflate(piece)) == piece


@given(st.binary(max_size=300), st.lists(st.integers(0, 10_000)))
def test_input_is_the_same_however_cut(octets: bytes, places: list[int]) -> None:
    inflater, got = Inflater(), b""
    for piece in cut(Deflater().deflate(octets * 1000), places):
        inflater.add(piece)
        while inflater.has_more:
            step = inflater.take()
            assert len(step) <= INFLATED_OCTETS
            got += step
    assert got == octets * 1000


@pytest.mark.parametrize("garbage", [b"\xff" * 10, b"NOOP\r\nNOOP\r\n", zlib.compress(b"with a header"), b"\x03\x00"])
def test_garbage_is_refused(garbage: bytes) -> None:
    inflater = Inflater()
    inflater.add(garbage)
    with pytest.raises(zlib.error):
        inflater.take()


async def compress(session: Session) -> None:
    """Agree, then go on compressed."""
    await session.read_line()
    session.write(b"OK\r\n")
    session.start_deflate()
    await answer_everything(session)


def test_conversation_goes_on_compressed() -> None:
    client, deflater, inflater = Client(door(compress)), Deflater(), zlib.decompressobj(-15)
    assert client.send(b"COMPRESS\r\n") == b"OK\r\n"
    said = client.send(*cut(deflater.deflate(b"one\r\nBLOCK\r\n..\r\n.\r\nLITERAL 4\r\nabcd"), [1, 3, 9]))
    said += client.send(deflater.deflate(b"two\r\n"))
    assert inflater.decompress(said) == b"line b'one'\r\nblock b'.\\r\\n'\r\nliteral b'abcd'\r\nline b'two'\r\n"


def test_bomb_is_taken_in_bounded_steps() -> None:
    held: list[int] = []

    async def count(session: Session) -> None:
        session.start_deflate()
        while await session.read_line() is not None:
            held.append(len(session._inbox))

    bomb, client = zlib.compressobj(9, wbits=-15), Client(door(count))
    line = b"x" * 98 + b"\r\n"
    client.send(bomb.compress(line * 500_000) + bomb.flush(zlib.Z_SYNC_FLUSH))
    assert len(held) == 500_000
    assert max(held) <= INFLATED_OCTETS + 100


def test_bomb_waits_while_the_session_is_busy() -> None:
    from twisted.internet.defer import Deferred

    busy: Deferred[None] = Deferred()

    async def work(session: Session) -> None:
        session.start_deflate()
        await session.read_line()
        await busy
        await answer_everything(session)

    bomb, client = zlib.compressobj(9, wbits=-15), Client(door(work))
    client.send(bomb.compress(b"NOOP\r\n" * 1_000_000) + bomb.flush(zlib.Z_SYNC_FLUSH))
    assert client.transport.producerState == "paused"
    assert len(client.session._inbox) <= INFLATED_OCTETS
    busy.callback(None)
    client.let_go_on()
    assert client.transport.producerState == "producing"


def test_broken_stream_ends_the_conversation() -> None:
    client = Client(door(compress))
    client.send(b"COMPRESS\r\n")
    client.send(b"\xff\xff\xff")
    assert client.is_closed
    assert client.session.is_finished == 1


def deflated(*pieces: bytes) -> bytes:
    deflater = zlib.compressobj(9, wbits=-15)
    return b"".join([*map(deflater.compress, pieces), deflater.flush(zlib.Z_SYNC_FLUSH)])


async def say_little(session: Session) -> None:
    session.start_deflate()
    while (line := await session.read_line()) is not None:
        if line == b"LITERAL":
            await session.discard(256 * 1024 * 1024)
        session.write(b"ok\r\n")


@pytest.mark.parametrize(
    "octets",
    [deflated(*[b"NOOP\r\n" * 100_000] * 10), deflated(b"LITERAL\r\n", *[bytes(1024 * 1024)] * 256)],
    ids=["commands", "literal"],
)
def test_others_have_their_turn_while_a_bomb_goes_off(octets: bytes) -> None:
    client, others = Client(door(say_little)), [thread_time()]
    clock = client.session.clock

    def serve_others() -> None:
        others.append(thread_time())
        if not client.session._waiting:
            clock.callLater(0, serve_others)

    client.session.dataReceived(octets)
    clock.callLater(0, serve_others)
    clock.advance(0)
    assert len(others) > 5
    *_, longest_but_one, _ = sorted(after - before for before, after in pairwise(others))
    assert longest_but_one < 0.1  # garbage may be collected in one
