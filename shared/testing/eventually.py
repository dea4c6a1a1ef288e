"""Waiting for a condition that another thread or process brings about."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from shared.testing.patience import Patience

PATIENCE = timedelta(seconds=20)  # the machine may be busy
T = TypeVar("T")


def eventually(ask: Callable[[], T | None], what: str, within: timedelta = PATIENCE) -> T:
    """Wait until `ask` gives something true, and return it; fails saying that `what` did not come in time.

    While the machine stalls no time passes.
    """
    patience = Patience(within.total_seconds())
    while not (answer := ask()):
        assert not patience.is_over(), f"not within {within.total_seconds():g} s: {what}"
        time.sleep(0.02)
    return answer
