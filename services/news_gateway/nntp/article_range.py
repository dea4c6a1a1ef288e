"""Ranges of article numbers as commands have them (RFC 3977 §6.1.2, §8.3)."""

from __future__ import annotations

from typing import NamedTuple

HIGHEST = 2_147_483_647  # RFC 3977 §6: article numbers are below 2^31
_MOST_DIGITS = 16  # RFC 3977 §9.8


class ArticleRange(NamedTuple):
    """From `first` to `last`; none if `last` is below `first`."""

    first: int
    last: int


def read_range(word: bytes) -> ArticleRange | None:
    """`7`, `7-` or `7-9`; None for what is no range."""
    first, hyphen, last = word.partition(b"-")
    low = read_number(first)
    high = read_number(last) if last else HIGHEST if hyphen else low
    return None if low is None or high is None else ArticleRange(low, high)


def read_number(word: bytes) -> int | None:
    """An article number; None for what is none. Numbers above the highest are those of no article."""
    if not word.isdigit() or len(word) > _MOST_DIGITS:
        return None
    return min(int(word), HIGHEST + 1)
