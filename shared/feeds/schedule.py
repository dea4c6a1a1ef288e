"""The time at which a feed is polled next: its interval, the server's wish, and a growing delay after failures."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SPREAD = 0.1  # of the interval, so that feeds added together do not stay together
LEAST_INTERVAL = timedelta(minutes=5)
GREATEST_INTERVAL = timedelta(days=1)  # whatever a server wishes
GREATEST_WAIT = timedelta(days=7)  # for Retry-After
GREATEST_BACK_OFF = timedelta(days=1)

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")


def next_try(now: datetime, every: timedelta, *, wished: timedelta | None = None, failures: int = 0) -> datetime:
    """The time of the next poll. `wished`: the interval that the feed or server asks for, if that is longer than
    `every`.

    After the n-th failure in a row the wait doubles, up to a day.
    """
    wait = max(every, LEAST_INTERVAL)
    if wished is not None:
        wait = max(wait, min(wished, GREATEST_INTERVAL))
    if failures:
        wait = max(wait, min(wait * 2 ** min(failures, 12), GREATEST_BACK_OFF))
    return now + wait * random.uniform(1 - SPREAD, 1 + SPREAD)


def not_before(now: datetime, headers: Mapping[str, str]) -> datetime | None:
    """Retry-After of a response (RFC 9110 §10.2.3), seconds or a date; None if there is none, or it is not one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return now + min(timedelta(seconds=int(value[:9])), GREATEST_WAIT)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(date, now + GREATEST_WAIT) if date > now else None


def freshness(headers: Mapping[str, str]) -> timedelta | None:
    """For how long the response is fresh: max-age of Cache-Control (RFC 9111 §5.2.2.1)."""
    found = _MAX_AGE.search(headers.get("cache-control", "").lower())
    return None if found is None else timedelta(seconds=int(found[1]))
