"""The times of the next attempts: growing delays, a warning to the sender, and the end."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import NamedTuple

FIRST = timedelta(minutes=5)  # greylisting servers take a message that comes again after so long
LONGEST = timedelta(hours=4)  # a server that is back gets its mail within so long
GROWTH = 2
SPREAD = 0.1  # so that what was queued together does not stay together


class RetryTimes(NamedTuple):
    """How long a message is tried: some thirty attempts in five days (RFC 5321 §4.5.4.1)."""

    first_retry: timedelta = FIRST
    warn_after: timedelta = timedelta(hours=4)
    give_up_after: timedelta = timedelta(days=5)


def delay_after(attempts: int, times: RetryTimes) -> timedelta:
    """How long to wait after so many attempts: it doubles up to four hours."""
    wait: timedelta = min(times.first_retry * GROWTH ** min(max(attempts - 1, 0), 16), max(LONGEST, times.first_retry))
    spread: float = random.uniform(1 - SPREAD, 1 + SPREAD)
    return wait * spread
