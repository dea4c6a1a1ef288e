"""Moments in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.wiki.site.when import ahead_in_words, in_words

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3600, "now"), (0, "now"), (1, "in 1 minute"), (60, "in 1 minute"), (61, "in 2 minutes"), (300, "in 5 minutes"),
     (3540, "in 59 minutes"), (3541, "in 1 hour"), (3601, "in 2 hours"), (47 * 3600, "in 47 hours"),
     (47 * 3600 + 1, "in 2 days"), (30 * 86_400, "in 30 days")],
)  # fmt: skip
def test_what_is_to_come_is_said_in_the_largest_unit_and_is_no_later(seconds: int, words: str) -> None:
    assert ahead_in_words(NOW + timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [(timedelta(0), "just now"), (timedelta(minutes=1), "1 minute ago"), (timedelta(minutes=59), "59 minutes ago"),
     (timedelta(hours=11), "11 hours ago"), (timedelta(hours=13), "yesterday"), (timedelta(days=7), "7 days ago"),
     (timedelta(days=8), "9 May"), (timedelta(days=365), "17 May 2025")],
)  # fmt: skip
def test_what_was_is_said_as_people_say_it(before: timedelta, words: str) -> None:
    assert in_words(NOW - before, NOW) == words
