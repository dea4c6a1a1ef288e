"""A spool reads back what went in, from memory or from a file."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.errors import SpoolFull
from shared.conversation.spool import SPOOL_OCTETS, Spool
from shared.testing.turns import in_turns


@given(st.lists(st.binary(max_size=50)))
def test_pieces_become_one(pieces: list[bytes]) -> None:
    spool = Spool()
    for piece in pieces:
        spool.append(piece)
    assert spool.octets == b"".join(pieces)
    assert len(spool) == len(spool.octets)
    spool.close()


@pytest.mark.parametrize("piece_octets", [1000, SPOOL_OCTETS, 3 * SPOOL_OCTETS])
def test_large_spool_is_a_nameless_file(piece_octets: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool, piece = Spool(), bytes(range(250)) * (piece_octets // 250)
    while len(spool) <= SPOOL_OCTETS:
        spool.append(piece)
    octets = spool.octets
    assert spool._held.octets == b""
    assert list(tmp_path.iterdir()) == []
    assert octets[:500] == piece[:500]
    assert octets.find(b"\xf9\x00\x01") == 249
    assert re.search(rb"\xf8\xf9\x00", octets) is not None
    assert len(octets) == len(spool)
    spool.close()
    spool.close()
    assert len(spool) == 0


@pytest.mark.parametrize("held_octets", [0, 5, SPOOL_OCTETS - 2, SPOOL_OCTETS, 3 * SPOOL_OCTETS])
def test_a_piece_is_put_before_all_others(held_octets: int) -> None:
    spool, held = Spool(), b"abcde" * (held_octets // 5)
    spool.append(held)
    assert spool.octets[:] == held
    in_turns(lambda turns: spool.replace_start(0, b"top", turns))
    assert spool.octets[:] == b"top" + held
    assert len(spool) == 3 + len(held)
    spool.close()


@pytest.mark.parametrize("held_octets", [5, SPOOL_OCTETS - 2, 3 * SPOOL_OCTETS])
@pytest.mark.parametrize("start", [b"", b"top", b"longer than it was"])
def test_the_start_is_replaced(start: bytes, held_octets: int) -> None:
    spool = Spool()
    spool.append(b"12345" + b"x" * held_octets)
    in_turns(lambda turns: spool.replace_start(5, start, turns))
    assert spool.octets[:] == start + b"x" * held_octets
    assert len(spool) == len(start) + held_octets
    spool.close()


def test_what_is_put_before_a_large_message_gives_way_while_that_is_written_anew() -> None:
    """A message of 50 MiB kept everybody waiting for 60 ms, and for much longer on a disk that was busy."""
    spool = Spool()
    spool.append(b"x" * (5 * SPOOL_OCTETS))
    _, gave_way = in_turns(lambda turns: spool.replace_start(0, b"top", turns))
    assert gave_way == 5
    assert spool.octets[:4] == b"topx"
    spool.close()


def test_spool_closes_while_somebody_looks_into_it() -> None:
    spool = Spool()
    spool.append(b"a" * (SPOOL_OCTETS + 1))
    with memoryview(spool.octets) as view:
        spool.close()
        assert view[0] == ord("a")


def test_full_disk_is_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/full/nowhere")
    spool = Spool()
    spool.append(b"a" * SPOOL_OCTETS)
    with pytest.raises(SpoolFull):
        spool.append(b"b")
    assert len(spool) == 0
    spool.append(b"a" * SPOOL_OCTETS)
    with pytest.raises(SpoolFull):
        in_turns(lambda turns: spool.replace_start(0, b"b", turns))
    assert len(spool) == 0
