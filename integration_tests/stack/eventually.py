"""Waiting for what is promised to happen soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta


def eventually(claim: Callable[[], bool], what: str, within: timedelta = timedelta(seconds=20)) -> float:
    """Return, with the seconds it took, when `claim` is true. Fails when it is not in time."""
    begun = time.monotonic()
    while not claim():
        assert time.monotonic() - begun < within.total_seconds(), f"not within {within.total_seconds():g} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - begun
