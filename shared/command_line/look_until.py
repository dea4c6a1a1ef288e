"""Looking again at the store until other processes have followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

LOOK_AGAIN = timedelta(milliseconds=100)
LONGEST_STEP = timedelta(milliseconds=500)  # a look that took longer counts as this
Found = TypeVar("Found")


def look_until(look: Callable[[], Found], is_enough: Callable[[Found], bool], patience: timedelta) -> Found:
    """What `look` found when that was enough, or when patience was at its end.

    A machine that stands still in the middle of it stands still for those who are waited for, too: that time is not
    taken from their patience.
    """
    left = patience
    while True:
        begun = time.monotonic()
        if is_enough(found := look()) or left <= timedelta():
            return found
        time.sleep(LOOK_AGAIN.total_seconds())
        left -= min(timedelta(seconds=time.monotonic() - begun), LONGEST_STEP)
