"""Held octets are read as one sequence, and take little more memory than they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.conversation.held_octets import MAP_OCTETS, MAPPED_OCTETS, HeldOctets
from shared.conversation.spool import SPOOL_OCTETS


@given(st.lists(st.sampled_from([1, 1400, MAPPED_OCTETS - 1, MAPPED_OCTETS, MAP_OCTETS - 1, MAP_OCTETS]), max_size=8))
def test_pieces_become_one(sizes: list[int]) -> None:
    held, expected = HeldOctets(), bytearray()
    for number, size in enumerate(sizes):
        piece = bytes([number]) * size
        held.append(piece)
        expected += piece
    assert held.octets == expected
    held.append(b"and more")
    assert held.octets == expected + b"and more"
    held.replace(b"instead")
    held.append(b" of it")
    assert held.octets == b"instead of it"
    held.clear()
    assert held.octets == b""


GROWTH = """
import os, sys
from shared.conversation.held_octets import HeldOctets

def anonymous_octets():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))

count, octets, piece_octets = map(int, sys.argv[1:])
before = anonymous_octets()
half_messages = [HeldOctets() for _ in range(count)]
for _ in range(octets // piece_octets):
    for held in half_messages:
        held.append(os.urandom(piece_octets))
most = anonymous_octets() - before
for held in half_messages:
    held.clear()
print(most, anonymous_octets() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("piece_octets", [1400, 10_000, 65_536])
def test_half_messages_take_what_they_have_come_to_and_give_it_back(piece_octets: int) -> None:
    """In one bytearray for each, growing at the same time, they took a third more."""
    count, octets = 20, SPOOL_OCTETS
    ran = subprocess.run(
        [sys.executable, "-c", GROWTH, str(count), str(octets), str(piece_octets)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    most, kept = map(int, ran.stdout.split())
    held = count * (octets // piece_octets * piece_octets)
    assert held <= most < 1.10 * held
    assert kept < 0.10 * held
