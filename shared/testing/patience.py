"""Patience with what another thread or process does, on a machine that may stand still meanwhile."""

from __future__ import annotations

import time

MOST_AT_ONCE_SECONDS = 0.5  # between two questions; what goes beyond is a stall, in which the others did nothing either
LONGEST = 5  # times the patience, by the clock: a question, too, may be what takes long


class Patience:
    """Ends after `seconds` of the time in which the machine works: ask at least twice a second."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._last = time.monotonic()
        self._ends = self._last + LONGEST * seconds

    def is_over(self) -> bool:
        """Whether that much time is over."""
        now = time.monotonic()
        self._left -= min(now - self._last, MOST_AT_ONCE_SECONDS)
        self._last = now
        return self._left <= 0 or now >= self._ends
