"""The times at which feeds are polled again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.feeds.schedule import GREATEST_WAIT, freshness, next_try, not_before

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_interval_is_kept_within_a_tenth() -> None:
    waits = [next_try(NOW, HOUR) - NOW for _ in range(200)]
    assert timedelta(minutes=54) <= min(waits) < max(waits) <= timedelta(minutes=66)


def test_a_longer_wish_is_heeded_and_a_shorter_is_not() -> None:
    assert next_try(NOW, HOUR, wished=timedelta(hours=5)) - NOW >= 4 * HOUR
    assert next_try(NOW, HOUR, wished=timedelta(minutes=1)) - NOW >= timedelta(minutes=54)
    assert next_try(NOW, HOUR, wished=timedelta(days=400)) - NOW <= timedelta(days=1.1)


def test_failures_double_the_wait_up_to_a_day() -> None:
    assert 1.7 * HOUR < next_try(NOW, HOUR, failures=1) - NOW < 2.3 * HOUR
    assert 7 * HOUR < next_try(NOW, HOUR, failures=3) - NOW < 9 * HOUR
    assert timedelta(hours=21) < next_try(NOW, HOUR, failures=10_000) - NOW < timedelta(hours=27)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Thu, 26 Nov 2026 05:00:00 GMT", HOUR),
        ("99999999999", GREATEST_WAIT),
        ("Thu, 26 Nov 2926 05:00:00 GMT", GREATEST_WAIT),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, wait: timedelta) -> None:
    assert not_before(NOW, {"retry-after": value}) == NOW + wait


@pytest.mark.parametrize("value", ["", "soon", "-5", "Thu, 26 Nov 2020 05:00:00 GMT", "\uff11\uff12"])
def test_what_is_no_retry_after_is_ignored(value: str) -> None:
    assert not_before(NOW, {"retry-after": value}) is None


def test_freshness_is_max_age() -> None:
    assert freshness({"cache-control": "public, max-age=7200"}) == 2 * HOUR
    assert freshness({"cache-control": "no-store"}) is None
    assert freshness({}) is None
