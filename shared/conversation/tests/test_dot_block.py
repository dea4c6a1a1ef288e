"""Only CRLF, dot, CRLF ends a block; transparency and smuggling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.dot_block import DotBlock
from shared.conversation.errors import BareLineFeed, BlockTooLarge, SpoolFull
from shared.conversation.spool import Spool
from shared.conversation.tests.sessions import cut
from shared.errors import DomainError


def read(octets: bytes, places: list[int], limit_octets: int = 10_000) -> tuple[bytes | type[DomainError], bytes]:
    """The block and what is behind it."""
    block, behind = DotBlock(limit_octets), None
    pieces = cut(octets, places)
    while behind is None:
        behind = block.feed(pieces.pop(0))
    behind += b"".join(pieces)
    try:
        return bytes(block.result().octets), behind
    except (BareLineFeed, BlockTooLarge) as refused:
        return type(refused), behind


def read_by_lines(octets: bytes) -> tuple[bytes | type[DomainError], bytes]:
    """The same, line by line, as the RFC tells it."""
    lines = octets.split(b"\r\n")
    end = lines.index(b".")
    behind = b"\r\n".join(lines[end + 1 :])
    if any(b"\r" in line or b"\n" in line for line in lines[:end]):
        return BareLineFeed, behind
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines[:end]), behind


PIECES = st.lists(st.sampled_from([b"\r\n", b"\r\n", b"\r", b"\n", b".", b"..", b"a", b"\0\xff"]), max_size=40)
CLEAN = st.lists(st.sampled_from([b"\r\n", b"\r\n.", b".", b"..", b"a", b"\0\xff"]), max_size=40)


@given(st.one_of(PIECES, CLEAN).map(b"".join), st.binary(max_size=5), st.lists(st.integers(0, 10_000)))
def test_block_is_the_same_however_cut(octets: bytes, behind: bytes, places: list[int]) -> None:
    whole = octets + b"\r\n.\r\n" + behind
    assert read(whole, places) == read_by_lines(whole)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".a\r\n..b\r\n.\r\n", b"a\r\n.b\r\n"),
        (b"no end here.\r\n.\r\n", b"no end here.\r\n"),
        (b"NUL \0\r\n.\r\n", b"NUL \0\r\n"),
    ],
)
def test_dots_added_in_transit_are_taken_out(octets: bytes, expected: bytes) -> None:
    assert read(octets + b"NOOP\r\n", []) == (expected, b"NOOP\r\n")


@pytest.mark.parametrize(
    "smuggled",
    [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\n.\r", b"\r\r\n.\r\r\n", b"\r\n\0.\n"],
)
def test_other_line_ends_neither_end_nor_pass(smuggled: bytes) -> None:
    octets = b"a" + smuggled + b"MAIL FROM:<evil@example.org>\r\n.\r\nNOOP\r\n"
    for place in range(len(octets)):
        assert read(octets, [place]) == (BareLineFeed, b"NOOP\r\n")


def test_limit_is_met_exactly() -> None:
    assert read(b"12345678\r\n.\r\n", [], 10) == (b"12345678\r\n", b"")
    assert read(b"123456789\r\n.\r\nNOOP", [], 10) == (BlockTooLarge, b"NOOP")


def test_large_block_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr(Spool, "append", lambda spool, octets: kept.append(len(octets)))
    block = DotBlock(100_000)
    for _ in range(100):
        assert block.feed(b"x" * 9_998 + b"\r\n") is None
    assert block.feed(b".\r\n") == b""
    assert sum(kept) <= 100_000
    with pytest.raises(BlockTooLarge):
        block.result()


def test_full_disk_is_told_after_the_block() -> None:
    def refuse(spool: Spool, octets: bytes) -> None:
        raise SpoolFull

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Spool, "append", refuse)
        block = DotBlock(100)
        assert block.feed(b"a\r\n") is None
        assert block.feed(b".\r\nQUIT") == b"QUIT"
    with pytest.raises(SpoolFull):
        block.result()
