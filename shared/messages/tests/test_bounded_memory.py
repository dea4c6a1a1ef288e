"""Messages made to be costly take little memory besides their octets."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import pytest

from shared.messages.encoded_words import decode_words
from shared.messages.render import render
from shared.testing.messages.hostile import HOSTILE

# 10,000 parts and their fields, as objects, are 16 MB at worst. Of 50 MiB it is no more.
_MOST_RENDERING_OCTETS = 32 << 20
_COSTLIEST = (
    "folds",
    "escaped quotes",
    "dots",
    "address fields",
    "commas",
    "parameters",
    "many parts",
    "boundary lines",
)


@pytest.mark.parametrize("unit", [b"?", b"x?", b"=?utf-8?q?a", b"=?a?q?b?="])
def test_words_of_question_marks_take_little_memory(unit: bytes) -> None:
    """Each "?" was remembered while the end of the word was looked for: 190 octets of memory for one."""
    field = b"=?a?q?x" + unit * ((256 << 10) // len(unit)) + b"\xff"
    assert _peak_octets(decode_words, field) < 40 * len(field)


@pytest.mark.parametrize("name", _COSTLIEST)
def test_rendering_takes_little_memory(name: str) -> None:
    assert _peak_octets(render, HOSTILE[name](1 << 20)) < _MOST_RENDERING_OCTETS


@pytest.mark.parametrize("field", [b"Subject", b"To", b"Content-Type", b"Content-Transfer-Encoding", b"X-Long"])
def test_rendering_a_field_of_eight_megabytes_takes_no_copies_of_it(field: bytes) -> None:
    octets = field + b": " + b"multipart/mixed; boundary=" + b"b" * (8 << 20) + b"\r\n\r\n"
    assert _peak_octets(render, octets) < 2 << 20


def _peak_octets(work: Callable[[bytes], object], octets: bytes) -> int:
    tracemalloc.start()
    try:
        work(octets)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
