"""The longest turn: how long one piece of work keeps the reactor, and everybody else waits."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from shared.clock import Call
from shared.testing.reactor import running_reactor, wait_for


class LongestTurn:
    """Looks at the reactor thread's processor time once a turn, so that a machine that is busy changes nothing."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: float | None = None
        self._call: Call | None = None

    def _look(self) -> None:
        now = time.thread_time()
        if self._last is not None:
            self.seconds = max(self.seconds, now - self._last)
        self._last = now
        self._call = running_reactor().callLater(0.001, self._look)

    async def start(self) -> None:
        """Look from now on."""
        self._look()

    async def stop(self) -> None:
        """Look no more."""
        if self._call is not None:
            self._call.cancel()


@contextmanager
def longest_turn() -> Iterator[LongestTurn]:
    """Measures while the block runs, without the garbage collector, which looks through all that the tests hold."""
    measured = LongestTurn()
    gc.disable()
    wait_for(measured.start)
    try:
        yield measured
    finally:
        wait_for(measured.stop)
        gc.enable()
