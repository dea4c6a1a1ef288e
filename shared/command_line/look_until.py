"""Looking again at the store until other processes have followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

LOOK_AGAIN = timedelta(milliseconds=100)
Found = TypeVar("Found")


def look_until(look: Callable[[], Found], is_enough: Callable[[Found], bool], patience: timedelta) -> Found:
    """What `look` found when that was enough, or when so much time had passed."""
    deadline = time.monotonic() + patience.total_seconds()
    while not is_enough(found := look()) and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN.total_seconds())
    return found
