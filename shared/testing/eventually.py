"""Waiting for a condition that another thread or process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = 20.0  # the machine may be busy
T = TypeVar("T")


def eventually(ask: Callable[[], T | None], what: str, patience_seconds: float = PATIENCE_SECONDS) -> T:
    """Wait until `ask` gives something true, and return it; fails saying `what` never came."""
    deadline = time.monotonic() + patience_seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)
    return answer
