"""CR and LF alone are found wherever they are, and LF alone is mended whatever the pieces."""

from __future__ import annotations

from mmap import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.dot_block import DotBlock
from shared.conversation.intake import UNBOUNDED
from shared.conversation.line_ends import bare_ends, is_crlf_alone, mended
from shared.conversation.spool import SPOOL_OCTETS, Spool
from shared.conversation.tests.sessions import cut
from shared.testing.turns import in_turns


@pytest.mark.parametrize(
    ("octets", "bare"),
    [
        (b"", False),
        (b"a\r\n\r\nb", False),
        (b"a\nb", True),
        (b"a\rb", True),
        (b"a\n\r", True),
        (b"a\r", True),
        (b"\r\r\n\n", True),
        (b"x" * (SPOOL_OCTETS - 1) + b"\r\n" + b"x", False),
        (b"x" * (SPOOL_OCTETS - 1) + b"\rx", True),
        (b"x" * SPOOL_OCTETS + b"\nx\r", True),
    ],
)
def test_bare_line_ends_are_found_wherever_they_are(octets: bytes, bare: bool) -> None:
    assert has_bare_ends(octets) is bare


@pytest.mark.parametrize(
    "octets", [b"", b"a\nb", b"a\n\r\n\nb\r\n", b"x" * (SPOOL_OCTETS - 1) + b"\r\ny\n" + b"z" * SPOOL_OCTETS]
)
def test_line_feeds_are_mended(octets: bytes) -> None:
    spool = Spool()
    spool.append(octets)
    made, gave_way = in_turns(lambda turns: mended(spool, UNBOUNDED, turns))
    assert gave_way == -(-len(octets) // SPOOL_OCTETS)
    assert made.octets[:] == octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert len(spool) == 0
    made.close()


@given(
    st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a", b"\x85\xff", b"\x0b\x0c\x1c"]), max_size=12).map(b"".join)
)
def test_the_decoder_of_newlines_sees_what_counting_sees(octets: bytes) -> None:
    pairs = octets.count(b"\r\n")
    assert is_crlf_alone(octets) is (octets.count(b"\r") == octets.count(b"\n") == pairs)


def has_bare_ends(octets: bytes | mmap) -> bool:
    found, gave_way = in_turns(lambda turns: bare_ends(octets, turns))
    assert gave_way == -(-len(octets) // SPOOL_OCTETS)
    return any(found)


PIECES = st.lists(st.sampled_from([b"\r\n", b"\n", b"\n.\n", b"\n.", b"\r\n..", b"a", b"\0\xff"]), max_size=40)


@given(PIECES, st.lists(st.integers(0, 200), max_size=10))
def test_a_mended_block_ends_where_a_strict_one_does(pieces: list[bytes], places: list[int]) -> None:
    octets = b"".join(pieces) + b"\r\n.\r\nNEXT"
    block, strict = DotBlock(10_000, mends_line_feeds=True), DotBlock(10_000)
    whole = strict.feed(octets)
    behind, rest = None, cut(octets, places)
    while behind is None:
        behind = block.feed(rest.pop(0))
    assert behind + b"".join(rest) == whole == b"NEXT"
    assert not has_bare_ends(block.result().octets)
