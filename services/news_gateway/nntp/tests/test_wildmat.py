"""Wildmats as RFC 3977 §4 has them, and what older servers take besides."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.news_gateway.nntp.wildmat import MOST_PATTERNS, BadWildmat, Pattern, read_wildmat


@pytest.mark.parametrize(
    ("wildmat", "name", "matches"),
    [
        # The examples of RFC 3977 §4.3.
        ("a*,!*b,*c*", "aaa", True),
        ("a*,!*b,*c*", "abb", False),
        ("a*,!*b,*c*", "ccb", True),
        ("a*,!*b,*c*", "xxx", False),
        ("*", "", True),
        ("*", "local.tea", True),
        ("local.*", "local.tea", True),
        ("local.*", "local", False),
        ("local.tea", "local.tea", True),
        ("local.tea", "local.teas", False),
        ("LOCAL.*", "local.tea", False),
        ("local.t?a", "local.tea", True),
        ("?", "é", True),
        ("??", "é", False),
        ("*é*", "caféteria", True),
        ("*.tea,!local.*", "local.tea", False),
        ("!local.*", "other.tea", False),
        ("a*b*c", "abc", True),
        ("a*b*c", "abcb", False),
        ("ab*ab", "ab", False),
        ("a***b", "ab", True),
        ("[a-c]at", "bat", True),
        ("[^a-c]at", "bat", False),
        ("[]x]", "]", True),
        ("\\*", "*", True),
        ("\\*", "x", False),
        ("a.c", "abc", False),
        ("(a|b)+", "a", False),
    ],
)
def test_name_is_like_the_wildmat(wildmat: str, name: str, matches: bool) -> None:
    assert read_wildmat(wildmat)(name) is matches


@pytest.mark.parametrize(
    "wildmat", ["", ",", "a,", "!", "a,,b", "[", "[a", "\\", "[z-a]", "[^]", ",".join(["a"] * 129), "a" * 513]
)
def test_what_is_no_wildmat_is_refused(wildmat: str) -> None:
    with pytest.raises(BadWildmat):
        read_wildmat(wildmat)


def test_as_many_patterns_as_are_allowed() -> None:
    assert read_wildmat(",".join(["a"] * MOST_PATTERNS))("a")


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 200 + "*b", "*a*a*a*a*a*a*b", "*" + "?" * 200 + "b*", "*[a-z]" * 80 + "b*", "*" + "a" * 500 + "b*"],
)
def test_a_pattern_made_to_be_slow_is_not(pattern: str) -> None:
    begun = time.process_time()
    assert not Pattern(pattern).matches("a" * 10_000)
    assert time.process_time() - begun < 2


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_matches_what_a_regular_expression_does(pattern: str, text: str) -> None:
    expression = re.escape(pattern).replace("\\*", ".*").replace("\\?", ".")
    assert Pattern(pattern).matches(text) is (re.fullmatch(expression, text) is not None)


@given(st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_written_is_a_wildmat_or_refused(wildmat: str, name: str) -> None:
    try:
        matches = read_wildmat(wildmat)
    except BadWildmat:
        return
    assert matches(name) in (True, False)
