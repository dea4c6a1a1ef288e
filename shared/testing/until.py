"""Waiting, on the reactor, for a condition that comes about there; the test's own minute is the limit."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.task import deferLater

from shared.testing.reactor import running_reactor


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` is true."""
    while not condition():
        await deferLater(running_reactor(), 0.005)
