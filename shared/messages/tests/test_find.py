"""Octets are found in a map as in memory, and nothing behind its end is looked at."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator

import pytest

from shared.messages.find import find
from shared.messages.render import render
from shared.messages.scan import scan

HEADER = b"Content-Type: multipart/mixed; boundary=b\r\nSubject: no empty line\r\nX: "


@pytest.fixture(params=[0, 1, -1], ids=["ends with its page", "one octet more", "one octet less"])
def mapped(request: pytest.FixtureRequest) -> Iterator[mmap.mmap]:
    """A message of whole pages, or nearly so, in a map behind which nothing is mapped."""
    size = 512 * mmap.PAGESIZE + request.param  # large: a small gap would soon be filled
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(HEADER.ljust(size, b"x"))
        maps = [mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) for _ in range(9)]
        for neighbour in maps[::2]:  # maps that are made one after the other lie side by side
            neighbour.close()
        yield maps[5]
        for each in maps:
            each.close()


def test_map_is_read_to_its_end_and_no_further(mapped: mmap.mmap) -> None:
    size = len(mapped)
    assert find(mapped, b"\n\r\n", 0, size) == -1
    assert find(mapped, b"xx", 0, size) == len(HEADER)
    assert find(mapped, b"xxx", size - 3, size) == size - 3
    assert find(mapped, b"xxx", size - 3, size - 1) == -1


def test_message_in_a_map_is_rendered_as_in_memory(mapped: mmap.mmap) -> None:
    assert scan(mapped).body_start == len(mapped)
    assert render(mapped) == render(mapped[:])
