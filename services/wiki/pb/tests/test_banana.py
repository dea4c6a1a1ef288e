"""The octets of Perspective Broker, beside Twisted's own."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.spread import banana

from services.wiki.pb.banana import BananaReader, encode
from services.wiki.pb.errors import HostileMessage
from services.wiki.pb.limits import LONGEST_STRING, MOST_ITEMS

EXPRESSIONS = st.recursive(
    st.integers(-(2**60), 2**60) | st.binary(max_size=300) | st.floats(allow_nan=False) | st.just(b"message"),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


def read(*pieces: bytes) -> list[Any]:
    found: list[Any] = []
    reader = BananaReader(found.append)
    for piece in pieces:
        reader.feed(piece)
    return found


@given(EXPRESSIONS, st.integers(1, 7))
def test_what_twisted_writes_is_read_however_it_is_cut(expression: Any, size: int) -> None:
    octets = banana.encode(expression) * 2
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    assert read(*pieces) == read(octets) == [expression, expression]


@given(EXPRESSIONS)
def test_what_is_written_is_read_by_twisted(expression: Any) -> None:
    assert banana.decode(encode(expression, with_vocabulary=False)) == expression


def test_words_of_the_vocabulary_are_short() -> None:
    assert encode([b"message", b"other"]) == b"\x02\x80\x1a\x87\x05\x82other"
    assert read(encode([b"message", b"other"])) == [[b"message", b"other"]]


HOSTILE = {
    "long string": encode(LONGEST_STRING)[:-1] + b"\x82",
    "string that would be long": b"\x7f\x7f\x7f\x7f\x82",
    "long number": b"\x01" * 11 + b"\x81",
    "endless number": b"\x01" * 100,
    "long list": b"\x7f\x7f\x7f\x80",
    "deep lists": b"\x01\x80" * 1000,
    "many items": encode(MOST_ITEMS)[:-1] + b"\x80" + b"\x00\x81" * (MOST_ITEMS + 1),
    "many empty lists": encode(MOST_ITEMS)[:-1] + b"\x80" + b"\x00\x80" * (MOST_ITEMS + 1),
    "strings that are long together": b"\x03\x80" + encode(b"x" * 300_000) * 3,
    "unknown type": b"\x00\x88",
    "unknown word": b"\x7f\x87",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_octets_are_refused(name: str) -> None:
    octets = HOSTILE[name] if name != "long string" else b"\x01\x00\x28\x82"
    with pytest.raises(HostileMessage):
        read(octets)


def test_longest_string_is_read() -> None:
    assert read(b"\x00\x00\x28\x82" + b"x" * LONGEST_STRING) == [b"x" * LONGEST_STRING]
    with pytest.raises(ValueError, match="longer"):
        encode(b"x" * (LONGEST_STRING + 1))


def test_a_flood_of_small_items_costs_what_its_octets_cost() -> None:
    flood = b"\x00\x80" * 500_000
    start = process_time()
    assert len(read(flood)) == 500_000
    assert process_time() - start < 20  # Twisted's reader needs minutes


def test_a_string_that_comes_octet_by_octet_is_bounded_work() -> None:
    octets = encode(b"x" * 50_000)
    start = process_time()
    assert len(read(*[octets[at : at + 1] for at in range(len(octets))])) == 1
    assert process_time() - start < 20
