"""Reading in slices: how long, how often, in which order."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from shared.runtime.slices import Slices

STEP_SECONDS = 0.0004


class Steps:
    """Work of some steps, each of which takes its time on the clock that the slices are measured by."""

    def __init__(self, count: int, done: list[str], name: str = "a") -> None:
        self.left, self._done, self._name = count, done, name

    def step(self) -> bool:
        self._done.append(self._name)
        self.left -= 1
        return self.left > 0


def slices_on(clock: Clock, done: list[str]) -> Slices:
    return Slices(clock, timer=lambda: len(done) * STEP_SECONDS)


def test_slice_ends_after_a_millisecond_and_goes_on_after_a_rest() -> None:
    clock, done = Clock(), list[str]()
    slices_on(clock, done).add(Steps(100, done))
    assert done == []  # not on the path of who adds
    clock.advance(0)
    assert len(done) == 3
    clock.advance(3 * STEP_SECONDS * 2.9)
    assert len(done) == 3
    clock.advance(3 * STEP_SECONDS * 0.2)
    assert len(done) == 6


@pytest.mark.parametrize(("late_seconds", "least", "most"), [(0.0005, 60, 80), (0.004, 8, 20)])
def test_rests_are_longer_while_the_reactor_is_late(late_seconds: float, least: int, most: int) -> None:
    clock, done = Clock(), list[str]()
    slices_on(clock, done).add(Steps(1000, done))
    end = 0.1
    while clock.seconds() < end and clock.calls:
        due: float = clock.calls[0].time
        clock.advance(max(0.0, due - clock.seconds()) + late_seconds)
    assert least <= len(done) <= most


def test_one_work_is_done_before_the_next() -> None:
    clock, done = Clock(), list[str]()
    slices = slices_on(clock, done)
    for name in "abc":
        slices.add(Steps(4, done, name))
    clock.pump([0.01] * 20)
    assert "".join(done) == "aaaabbbbcccc"
    assert clock.getDelayedCalls() == []
    slices.add(Steps(1, done, "d"))
    clock.advance(0)
    assert done[-1] == "d"


def test_finish_does_what_it_has_time_for_and_no_more() -> None:
    clock, done = Clock(), list[str]()
    slices = slices_on(clock, done)
    slices.add(Steps(1000, done))
    slices.finish(10 * STEP_SECONDS)
    assert 10 <= len(done) <= 11
    assert clock.getDelayedCalls() == []
