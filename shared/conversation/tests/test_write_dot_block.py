"""Blocks that go out: dots are doubled, the last line is ended, and a failure in the middle ends the connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from shared.conversation.tests.sessions import Client, Session, door
from shared.conversation.write_dot_block import stuffed, write_dot_block


@pytest.mark.parametrize(
    ("octets", "sent"),
    [
        (b"", b".\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b"a\r\n.\r\n..b\r\n", b"a\r\n..\r\n...b\r\n.\r\n"),
    ],
)
def test_dots_are_doubled_at_the_start_of_lines(octets: bytes, sent: bytes) -> None:
    assert stuffed(octets) == sent


def heard(*pieces: bytes | Exception) -> tuple[bytes, bool]:
    """What a client hears of a block made of the pieces, and whether its connection was cut off."""

    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def talk(session: Session) -> None:
        try:
            await write_dot_block(session, b"+OK\r\n", come())
        except LookupError:
            session.write(b"-ERR\r\n")

    client = Client(door(talk))
    return client.heard(), client.transport.aborted


@pytest.mark.parametrize(
    ("pieces", "sent"),
    [
        ([], b".\r\n"),
        ([b""], b".\r\n"),
        ([b"a\r\n", b".b\r\n"], b"a\r\n..b\r\n.\r\n"),
        ([b".a", b".b\r\n", b"", b".c"], b"..a.b\r\n..c\r\n.\r\n"),
        ([b"a\r\n.\r\n", b"\r\n"], b"a\r\n..\r\n\r\n.\r\n"),
    ],
)
def test_pieces_are_one_block(pieces: Sequence[bytes], sent: bytes) -> None:
    assert heard(*pieces) == (b"+OK\r\n" + sent, False)
    assert stuffed(b"".join(pieces)) == sent


def test_nothing_is_said_of_a_block_that_does_not_begin() -> None:
    assert heard(LookupError()) == (b"-ERR\r\n", False)


def test_a_failure_in_the_middle_of_a_block_ends_the_connection_without_words() -> None:
    said, cut_off = heard(b"a\r\n", LookupError())
    assert cut_off
    assert b".\r\n" not in said
    assert b"-ERR" not in said
