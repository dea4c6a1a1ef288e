"""Regular work comes round, never twice at once, and survives its own failures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from shared.runtime.regularly import regularly
from shared.testing.reactor import run_in_reactor


def test_work_comes_round_without_overlapping_until_the_end() -> None:
    clock = Clock()
    begun: list[Deferred[None]] = []
    before_closing: list[Callable[[], Awaitable[None]]] = []

    async def work() -> None:
        begun.append(Deferred())
        await begun[-1]
        if len(begun) == 1:
            raise RuntimeError("the first time goes wrong")

    regularly(clock, timedelta(seconds=10), work, "testing", before_closing)
    assert not begun
    clock.advance(10)
    clock.advance(10)
    assert len(begun) == 1  # it is still at work
    begun[0].callback(None)
    clock.advance(10)
    assert len(begun) == 2
    begun[1].callback(None)
    (stop,) = before_closing
    run_in_reactor(lambda: stop())()  # type: ignore[arg-type, return-value]
    clock.advance(100)
    assert len(begun) == 2
