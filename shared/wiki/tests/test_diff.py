"""Differences: for people by lines and words, for programs as `patch` reads them."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.wiki.diff import MOST_DIFF_LINES, diff_sources, unified_diff


def test_a_changed_line_shows_the_words_that_changed() -> None:
    [removed, added] = diff_sources("the red house\n", "the blue house\n")
    assert (removed.sign, removed.old_number, removed.new_number) == ("-", 1, None)
    assert [tuple(piece) for piece in removed.pieces] == [("the ", False), ("red", True), (" house", False)]
    assert [tuple(piece) for piece in added.pieces] == [("the ", False), ("blue", True), (" house", False)]


def test_lines_far_from_a_change_are_counted() -> None:
    old = "".join(f"line {number}\n" for number in range(1, 41))
    shown = diff_sources(old, old.replace("line 20\n", "twenty\n"))
    assert [line.sign for line in shown] == ["…", *"   -+   ", "…"]
    assert (shown[0].skipped, shown[-1].skipped) == (16, 17)
    assert [(line.old_number, line.new_number) for line in shown[1:4]] == [(17, 17), (18, 18), (19, 19)]
    assert diff_sources(old, old) == []


@settings(max_examples=200)
@given(*[st.lists(st.sampled_from("abcd"), max_size=15).map("\n".join)] * 2)
def test_a_diff_leads_from_the_one_text_to_the_other(old: str, new: str) -> None:
    shown = diff_sources(old, new, context=100)
    if old != new:
        for signs, text in ((" -", old), (" +", new)):
            assert "".join(line.text for line in shown if line.sign in signs) == text.replace("\n", "")


@pytest.mark.skipif(shutil.which("patch") is None, reason="patch is not installed")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\n", "a\nc\n"),
        ("", "a\n"),
        ("a\n", ""),
        ("a", "a\n"),
        ("x\n" * 30, "y\n" + "x\n" * 30 + "z"),
        ("a\n", "b"),
    ],
)
def test_patch_reads_a_unified_diff(old: str, new: str, tmp_path: Path) -> None:
    file = tmp_path / "page"
    file.write_text(old)
    subprocess.run(["patch", "-s", str(file)], input=unified_diff(old, new), text=True, check=True, cwd=tmp_path)
    assert (file.read_text() if file.exists() else "") == new


def test_a_large_difference_is_cut() -> None:
    old, new = "".join(f"{n}\n" for n in range(100_000)), "".join(f"-{n}\n" for n in range(100_000))
    began = time.thread_time()
    assert len(diff_sources(old, new)) == MOST_DIFF_LINES + 1
    assert unified_diff(old, new).count("\n") == MOST_DIFF_LINES + 1
    assert time.thread_time() - began < 20
