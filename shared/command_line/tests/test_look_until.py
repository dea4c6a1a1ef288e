"""Patience with other processes: it ends, but not because the machine stood still."""

from __future__ import annotations

import time
from datetime import timedelta

from shared.command_line.look_until import look_until

PATIENCE = timedelta(seconds=1)


def test_what_never_comes_is_not_waited_for_for_ever() -> None:
    begun = time.monotonic()
    assert look_until(lambda: 7, lambda _: False, PATIENCE) == 7
    assert time.monotonic() - begun >= PATIENCE.total_seconds()


def test_a_machine_that_stood_still_takes_no_patience_away() -> None:
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            time.sleep(2 * PATIENCE.total_seconds())  # as it is for a process that was stopped meanwhile
        return looks

    assert look_until(look, lambda looks: looks >= 4, PATIENCE) == 4
