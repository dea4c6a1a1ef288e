"""A call waits for quiet, and not for ever."""

from __future__ import annotations

from twisted.internet.task import Clock

from shared.runtime.after_quiet import AfterQuiet


def test_it_calls_once_it_has_been_quiet() -> None:
    clock, called = Clock(), list[float]()
    after = AfterQuiet(clock, 2.0, 16.0, lambda: called.append(clock.seconds()))
    after.hear()
    clock.advance(1.0)
    after.hear()
    clock.pump([1.0] * 10)
    assert called == [3.0]
    after.hear()
    clock.pump([1.0] * 10)
    assert called == [3.0, 13.0]


def test_it_does_not_wait_for_ever() -> None:
    clock, called = Clock(), list[float]()
    after = AfterQuiet(clock, 2.0, 16.0, lambda: called.append(clock.seconds()))
    for _ in range(20):
        after.hear()
        clock.advance(1.0)
    assert called == [16.0]


def test_what_is_cancelled_is_not_called() -> None:
    clock, called = Clock(), list[float]()
    after = AfterQuiet(clock, 2.0, 16.0, lambda: called.append(clock.seconds()))
    after.cancel()
    after.hear()
    after.cancel()
    clock.pump([1.0] * 10)
    assert called == []
    assert clock.getDelayedCalls() == []
