"""Sets of numbers, as the client writes them and as they are resolved."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_access.imap.grammar.bad_syntax import BadSyntax
from services.mail_access.imap.grammar.cursor import Cursor
from services.mail_access.imap.values.sequence_set import STAR, merge, ranges_of, render_set


@pytest.mark.parametrize(
    ("text", "largest", "ranges"),
    [
        (b"1", 9, [(1, 1)]),
        (b"2:4", 9, [(2, 4)]),
        (b"4:2", 9, [(2, 4)]),
        (b"*", 9, [(9, 9)]),
        (b"7:*", 9, [(7, 9)]),
        (b"*:7", 9, [(7, 9)]),
        (b"12:*", 9, [(9, 12)]),  # RFC 3501 §6.4.8: n:* always holds the last message
        (b"5,3,4,1", 9, [(1, 1), (3, 5)]),
        (b"1:3,2:8", 9, [(1, 8)]),
        (b"4294967295", 9, [(4294967295, 4294967295)]),
    ],
)
def test_ranges_ascend_and_do_not_overlap(text: bytes, largest: int, ranges: list[tuple[int, int]]) -> None:
    assert Cursor(text).sequence_set().resolve(largest) == ranges


@pytest.mark.parametrize("text", [b"0", b"4294967296", b"", b":", b"a", b"0:3", b"$"])
def test_what_is_no_set_is_refused(text: bytes) -> None:
    with pytest.raises(BadSyntax):
        Cursor(text).sequence_set()


@given(st.sets(st.integers(1, 300)))
def test_rendered_set_means_the_same_numbers(numbers: set[int]) -> None:
    rendered = render_set(sorted(numbers))
    if not numbers:
        assert rendered == b""
        return
    ranges = Cursor(rendered).sequence_set().resolve(0)
    assert [number for low, high in ranges for number in range(low, high + 1)] == sorted(numbers)
    assert ranges == list(ranges_of(sorted(numbers)))


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=12))
def test_merging_keeps_every_number_once(pairs: list[tuple[int, int]]) -> None:
    wanted = {number for pair in pairs for number in range(min(pair), max(pair) + 1)}
    merged = merge(pairs)
    assert [number for low, high in merged for number in range(low, high + 1)] == sorted(wanted)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(merged))


def test_order_is_kept_where_it_pairs_up() -> None:
    assert render_set([7, 8, 9, 3, 4, 1]) == b"7:9,3:4,1"


def test_what_is_named_again_and_again_is_named_once() -> None:
    assert Cursor(b"1," * 1000 + b"2:3,2:3,*,*").sequence_set().ranges == ((1, 1), (2, 3), (STAR, STAR))
    assert Cursor(b"7," * 1000 + b"3").sequence_set().resolve(9) == [(3, 3), (7, 7)]
