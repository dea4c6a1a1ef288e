"""Octets in three digits and a unit."""

from __future__ import annotations

import pytest

from shared.octets import format_octets


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "no limit"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "0.977 KiB"),
        (1024, "1 KiB"),
        (1536, "1.5 KiB"),
        (1023 << 10, "0.999 MiB"),
        (2 << 30, "2 GiB"),
        (2**63 - 1, "8,192 PiB"),
    ],
)
def test_sizes_are_three_digits_and_a_unit(octets: int | None, text: str) -> None:
    assert format_octets(octets) == text


@pytest.mark.parametrize("octets", [(1 << shift) - less for shift in range(10, 60) for less in (0, 1, 5)])
def test_no_size_is_written_with_an_exponent(octets: int) -> None:
    assert "e" not in format_octets(octets)
