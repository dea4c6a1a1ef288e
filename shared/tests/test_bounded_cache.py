"""The bounded cache is bounded in octets, and keeps what is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.bounded_cache import BoundedCache, remembers


def test_a_cache_stays_within_its_bound() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)
    for number in range(1000):
        cache.put(number, b"x" * 50)
    held = [number for number in range(1000) if cache.get(number) is not None]
    assert len(held) <= 22
    assert 999 in held


def test_what_is_asked_for_again_and_again_is_kept() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)
    cache.put(0, b"x" * 50)
    for number in range(1, 1000):
        cache.put(number, b"x" * 50)
        assert cache.get(0) is not None


def test_picking_gives_what_is_there() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)
    for number in range(15):
        cache.put(number, b"x" * 50)
    picked = cache.pick([3, 99, 14])
    assert set(picked) <= {3, 14}
    assert 14 in picked


def test_a_value_that_weighs_more_than_half_of_all_is_not_kept() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)
    cache.put(1, b"x" * 400)
    cache.put(2, b"x" * 501)
    assert cache.get(1) is not None
    assert cache.get(2) is None


def test_what_is_dropped_is_forgotten() -> None:
    cache: BoundedCache[int, bytes] = BoundedCache(1000, len)
    cache.put(1, b"x")
    cache.drop(1)
    cache.drop(2)
    assert cache.get(1) is None


def test_a_function_remembers_short_arguments_and_no_long_ones() -> None:
    worked_out: list[bytes] = []

    @remembers(most=10, longest_octets=4)
    def upper(text: bytes) -> bytes:
        worked_out.append(text)
        return text.upper()

    assert [upper(b"abcd"), upper(b"abcd"), upper(b"abcde"), upper(b"abcde")] == [b"ABCD"] * 2 + [b"ABCDE"] * 2
    assert worked_out == [b"abcd", b"abcde", b"abcde"]


def test_a_function_forgets_the_oldest_of_many_arguments() -> None:
    worked_out: list[str] = []

    @remembers(most=10)
    def same(text: str) -> str:
        worked_out.append(text)
        return text

    for number in range(100):
        same(str(number))
    same("0")
    assert worked_out.count("0") == 2


COUNTING = re.compile(r"lru_cache\(|functools import cache|functools\.cache")
ALLOWED = [  # no stranger chooses what these keep
    "shared/accounts/weak_passwords.py",  # the one list that is in the tree
]


def test_no_module_counts_entries_where_a_stranger_chooses_their_size() -> None:
    """`lru_cache` and `functools.cache` know no octets; tests may use them."""
    root = Path(__file__).parents[2]
    modules = [*root.glob("shared/**/*.py"), *root.glob("services/**/*.py")]
    assert len(modules) > 100
    guilty = [
        str(module.relative_to(root))
        for module in modules
        if not {"tests", "testing"} & set(module.parts) and COUNTING.search(module.read_text())
    ]
    if sorted(guilty) != sorted(ALLOWED):
        pytest.fail(f"use shared/bounded_cache.py in {sorted(set(guilty) - set(ALLOWED))}")
