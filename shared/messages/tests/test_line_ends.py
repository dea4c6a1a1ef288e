"""Messages with line ends of any kind become messages whose lines end with CR LF."""

from __future__ import annotations

import mmap
import re
import tempfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.messages import line_ends
from shared.messages.line_ends import is_proper, made_proper
from shared.testing.fastest import processor_seconds
from shared.testing.messages.load import sample, sample_names


def proper(octets: bytes) -> bytes:
    return b"".join(made_proper(octets))


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", b""),
        (b"no line end", b"no line end"),
        (b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\nb\n", b"a\r\nb\r\n"),
        (b"a\rb\r", b"a\r\nb\r\n"),
        (b"\n\n", b"\r\n\r\n"),
        (b"\r\r", b"\r\n\r\n"),
        (b"\n\r", b"\r\n\r\n"),
        (b"a\r\n\nb\n.\n", b"a\r\n\r\nb\r\n.\r\n"),
        (b"A: 1\r\r\nB: 2\r\r\n\r\r\n", b"A: 1\r\nB: 2\r\n\r\n"),  # CR LF that was made CR CR LF is one line end
        (b"a\0b", b"a\x80b"),
    ],
)
def test_lines_are_ended_by_cr_lf(octets: bytes, expected: bytes) -> None:
    assert proper(octets) == expected
    assert is_proper(octets) == (octets == expected)


@settings(deadline=None)
@given(st.text("\r\na\0.", max_size=40).map(str.encode), st.sampled_from([1, 2, 3, 7, 64]))
def test_steps_make_no_difference(octets: bytes, step: int) -> None:
    whole = proper(octets)
    was_proper = is_proper(octets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_ends, "_STEP_OCTETS", step)
        patch.setattr(line_ends, "_REPAIRED_OCTETS", step)
        assert proper(octets) == whole
        assert is_proper(octets) == was_proper
    assert is_proper(whole)
    assert proper(whole) == whole
    assert was_proper == (whole == octets)
    assert whole == re.sub(rb"\r+\n|\r|\n", b"\r\n", octets).replace(b"\0", b"\x80")


@pytest.mark.parametrize("name", sample_names())
def test_sample_is_made_proper_and_stays_so(name: str) -> None:
    octets = sample(name)
    assert is_proper(octets) == (proper(octets) == octets)
    assert is_proper(proper(octets))


def test_map_is_read_like_bytes() -> None:
    for octets in (b"line\r\n" * 200_000, b"line\n" * 200_000, b"line\r\n" * 200_000 + b"\r"):
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(octets)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                assert is_proper(mapped) == is_proper(octets)
                assert b"".join(made_proper(mapped)) == proper(octets)


@pytest.mark.parametrize("unit", [b"\r", b"\n", b"\r\n", b"\r\r\n", b"\0", b"\n\r", b"a\r"])
def test_any_run_takes_linear_time(unit: bytes) -> None:
    """A row of CRs without LF would be read once for each of them."""
    small, large = (_seconds(unit * (size // len(unit))) for size in (128 << 10, 1 << 20))
    assert large < max(24 * small, 0.1)


class Watched(bytes):
    """Counts the steps that are taken of it."""

    steps = 0

    def __getitem__(self, at: Any) -> Any:
        self.steps += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("unit", [b"\r", b"\n", b"\r\n", b"\r\r\n", b"a"])
def test_each_step_gives_a_piece_even_an_empty_one(unit: bytes) -> None:
    """Whoever lets others have their turn between two pieces waited until 45 MB of CRs were looked through."""
    octets = Watched(unit * (1 << 19))
    before = 0
    for _ in made_proper(octets):
        assert octets.steps <= before + 1
        before = octets.steps
    assert before > 1


def _seconds(octets: bytes) -> float:
    def work() -> None:
        assert not is_proper(octets) or octets[:2] == b"\r\n"
        for piece in made_proper(octets):
            assert len(piece) <= 256 << 10

    return processor_seconds(work)
