"""Redis's replies, cut anywhere by the network."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from txredisapi import ResponseError

from shared.events.replies import NotARedisServer, ReplyReader

# https://redis.io/docs/latest/develop/reference/protocol-spec, RESP2
EXAMPLES: list[tuple[bytes, Any]] = [
    (b"+OK\r\n", "OK"),
    (b":-17\r\n", -17),
    (b"$5\r\na\r\nbc\r\n", b"a\r\nbc"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", None),
    (b"*0\r\n", []),
    (b"*-1\r\n", None),
    (b"*2\r\n*1\r\n:1\r\n$-1\r\n", [[1], None]),
    (b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$3\r\n1 2\r\n", [b"message", b"a", b"1 2"]),
]


@given(st.lists(st.sampled_from(EXAMPLES)), st.lists(st.integers(0, 60)))
def test_replies_come_whole_however_they_are_cut(examples: list[tuple[bytes, Any]], cuts: list[int]) -> None:
    stream = b"".join(octets for octets, _ in examples)
    reader = ReplyReader()
    found: list[Any] = []
    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        found += reader.feed(piece)
    found += reader.feed(stream)
    assert found == [reply for _, reply in examples]


def test_an_error_is_a_reply() -> None:
    error, wrong_type = ReplyReader().feed(b"-ERR unknown command\r\n-WRONGTYPE no\r\n")
    assert isinstance(error, ResponseError)
    assert str(error) == "unknown command"
    assert str(wrong_type) == "WRONGTYPE no"


@given(st.binary())
def test_garbage_is_refused_or_waited_for(octets: bytes) -> None:
    with suppress(NotARedisServer):
        ReplyReader().feed(octets)


@pytest.mark.parametrize("octets", [b"HTTP/1.1 400 Bad Request\r\n", b"$x\r\n", b"*1\r\n" * 5000])
def test_what_is_no_redis_is_found_out(octets: bytes) -> None:
    with pytest.raises(NotARedisServer):
        ReplyReader().feed(octets)
