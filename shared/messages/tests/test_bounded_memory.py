"""Messages made to be costly take memory in proportion to their size: a few copies of them, no more."""

from __future__ import annotations

import tracemalloc

import pytest

from shared.messages.encoded_words import decode_words


@pytest.mark.parametrize("unit", [b"?", b"x?", b"=?utf-8?q?a", b"=?a?q?b?="])
def test_words_of_question_marks_take_little_memory(unit: bytes) -> None:
    """Each "?" was remembered while the end of the word was looked for: 190 octets of memory for one."""
    field = b"=?a?q?x" + unit * ((256 << 10) // len(unit)) + b"\xff"
    assert _peak_octets(field) < 40 * len(field)


def _peak_octets(field: bytes) -> int:
    tracemalloc.start()
    try:
        decode_words(field)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
