"""Merging: both sides' lines are there, or it is a conflict."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.wiki.matching import matching_runs
from shared.wiki.merge import lines_of, merge_lines

BASE = "one\ntwo\nthree\nfour\nfive\n"
texts = st.lists(st.sampled_from(["a", "b", "c", "d", "", "e\r"]), max_size=12).map("\n".join)


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n", "ONE\ntwo\nthree\nfour\nFIVE\n"),
        ("one\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nfive\nsix\n", "one\nthree\nfour\nfive\nsix\n"),
        ("zero\n" + BASE, BASE + "six", "zero\n" + BASE + "six"),
        ("x\n" + BASE, "x\n" + BASE, "x\n" + BASE),  # both changed the same in the same way
        (BASE, "other\n", "other\n"),
        ("other\n", BASE, "other\n"),
        ("", BASE, ""),
        ("one\nTWO\nthree\nfour\nfive\n", "one\nother\nthree\nfour\nfive\n", None),
        ("one\nthree\nfour\nfive\n", "one\nother\nthree\nfour\nfive\n", None),  # deleted here and changed there
        (BASE + "six\n", BASE + "seven\n", None),
    ],
)
def test_separate_changes_are_merged_and_overlapping_ones_are_not(ours: str, theirs: str, merged: str | None) -> None:
    assert merge_lines(BASE, ours, theirs) == merged


def test_a_form_that_sends_crlf_conflicts_with_nothing() -> None:
    ours = BASE.replace("two", "TWO").replace("\n", "\r\n")
    merged = merge_lines(BASE, ours, BASE.replace("five", "FIVE"))
    assert merged == "one\nTWO\r\nthree\nfour\nFIVE\n"


def test_a_last_line_without_an_end_is_joined_to_no_other() -> None:
    assert merge_lines("a\nb\nc", "a\nb\nc\nd", "A\nb\nc") == "A\nb\nc\nd"


def _lines(text: str) -> Counter[str]:
    return Counter(line.rstrip("\r\n") for line in lines_of(text))


@settings(max_examples=500)
@given(texts, texts, texts)
def test_no_line_that_either_side_wrote_and_nobody_deleted_is_lost(base: str, ours: str, theirs: str) -> None:
    merged = merge_lines(base, ours, theirs)
    if merged is None:
        return
    in_base, in_ours, in_theirs, result = map(_lines, (base, ours, theirs, merged))
    for line in in_ours | in_theirs:
        if line not in in_base:  # what both wrote in the same place is there once
            assert result[line] >= max(in_ours[line], in_theirs[line])
        elif in_base[line] == 1 and line in in_ours and line in in_theirs:  # of several, each may have been deleted
            assert line in result
    assert not result - (in_ours + in_theirs)  # and nothing is made up


@settings(max_examples=300)
@given(texts, texts, st.integers(1, 200))
def test_what_matches_is_the_same_and_in_order_whatever_the_budget(a: str, b: str, budget: int) -> None:
    at_a = at_b = 0
    for run in matching_runs(a, b, budget):
        assert run.length > 0
        assert run.a >= at_a
        assert run.b >= at_b
        at_a, at_b = run.a + run.length, run.b + run.length
        assert a[run.a : at_a] == b[run.b : at_b]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (["a", "b"] * 50_000, ["b", "b", "a"] * 30_000),
        ([str(n) for n in range(100_000)], [str(n) for n in range(100_000, 0, -1)]),
        (["x"] * 100_000, ["y"] * 100_000),
        ([""] * 100_000 + ["x"], ["y", *[""] * 90_000]),
        ([str(n % 1000) for n in range(100_000)], [str(n % 997) for n in range(100_000)]),
    ],
)
def test_matching_takes_bounded_time(a: list[str], b: list[str]) -> None:
    began = time.thread_time()
    matching_runs(a, b)
    assert time.thread_time() - began < 5
