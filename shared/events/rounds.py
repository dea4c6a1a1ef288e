"""Calling on every watch, a few at a time, so that thousands of sessions do not ask the store at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import timedelta

from shared.clock import Call, Clock
from shared.events.watches import Watch

LONGEST_STEP_SECONDS = 0.05


class Rounds:
    """Goes round once, or again and again; one round is spread evenly over its duration."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: Call | None = None
        self._left: Sequence[Watch] = ()
        self._again: tuple[Callable[[], Sequence[Watch]], timedelta] | None = None

    def once(self, everyone: Callable[[], Sequence[Watch]], duration: timedelta) -> None:
        """Call on all that there are now, the first at once; instead of any round that is under way."""
        self.stop()
        self._begin(everyone(), duration)

    def keep_going(self, everyone: Callable[[], Sequence[Watch]], duration: timedelta) -> None:
        """Round after round until told otherwise; who is already doing so goes on."""
        if self._again is None:
            self.stop()
            self._again = (everyone, duration)
            self._begin(everyone(), duration)

    def stop(self) -> None:
        """Stop calling."""
        self._again = None
        self._left = ()
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None

    def _begin(self, watches: Sequence[Watch], duration: timedelta) -> None:
        seconds = duration.total_seconds()
        steps = max(1, min(len(watches), math.ceil(seconds / LONGEST_STEP_SECONDS)))
        self._left = watches
        self._step(math.ceil(len(watches) / steps), seconds / steps)

    def _step(self, count: int, seconds: float) -> None:
        now, self._left = self._left[:count], self._left[count:]
        again = self._again
        if self._left or again is not None:
            self._next = self._clock.callLater(seconds, self._go_on, count, seconds)
        for watch in now:
            watch.tell(None)

    def _go_on(self, count: int, seconds: float) -> None:
        if self._left:
            self._step(count, seconds)
        elif self._again is not None:
            everyone, duration = self._again
            self._begin(everyone(), duration)
