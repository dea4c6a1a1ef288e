"""The time that something takes by itself."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def milliseconds(ask: Callable[[], object]) -> float:
    """Of the fastest of five: what it costs, whatever else the machine does."""
    taken = []
    for _ in range(5):
        began = perf_counter()
        ask()
        taken.append(perf_counter() - began)
    return min(taken) * 1000
