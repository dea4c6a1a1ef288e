"""The time that something takes by itself."""

from __future__ import annotations

import time
from collections.abc import Callable


def milliseconds(ask: Callable[[], object]) -> float:
    """By the clock, the fastest of five: what it costs with all that it asks of other processes."""
    return min(_taken(ask, time.perf_counter) for _ in range(5)) * 1000


def processor_seconds(work: Callable[[], object]) -> float:
    """Of this thread, the least of three: neither other programs nor a garbage collection count."""
    return min(_taken(work, time.thread_time) for _ in range(3))


def _taken(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return clock() - began
