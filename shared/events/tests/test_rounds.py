"""Thousands of watches are called on a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from twisted.internet.task import Clock

from shared.events.rounds import Rounds
from shared.events.watches import Watch, Watches


class Crowd:
    def __init__(self, size: int) -> None:
        self.clock = Clock()
        self.watches = Watches()
        self.called: list[float] = []
        for number in range(size):
            self.watches.add(number % 7, self.call)

    def call(self, position: int | None) -> None:
        assert position is None
        self.called.append(self.clock.seconds())

    def everyone(self) -> Sequence[Watch]:
        return list(self.watches)

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([0.01] * round(seconds * 100))

    def most_at_once(self) -> int:
        return max(self.called.count(moment) for moment in set(self.called))


def test_one_round_is_spread_over_its_duration() -> None:
    crowd = Crowd(2000)
    Rounds(crowd.clock).once(crowd.everyone, timedelta(seconds=1))
    crowd.pass_time(0.5)
    assert 850 <= len(crowd.called) <= 1100
    assert crowd.most_at_once() == 100
    crowd.pass_time(10)
    assert len(crowd.called) == 2000
    assert not crowd.clock.getDelayedCalls()


def test_rounds_go_on_with_those_who_came_and_without_those_who_went() -> None:
    crowd = Crowd(100)
    rounds = Rounds(crowd.clock)
    rounds.keep_going(crowd.everyone, timedelta(seconds=5))
    rounds.keep_going(crowd.everyone, timedelta(seconds=5))  # already so
    crowd.pass_time(4.99)
    assert 85 <= len(crowd.called) <= 100
    for watch in crowd.everyone()[:99]:
        watch.stop()
    crowd.watches.add(3, crowd.call)
    crowd.called.clear()
    crowd.pass_time(20)
    assert 6 <= len(crowd.called) <= 10


def test_without_anyone_rounds_wait_for_someone() -> None:
    crowd = Crowd(0)
    rounds = Rounds(crowd.clock)
    rounds.keep_going(crowd.everyone, timedelta(seconds=5))
    crowd.pass_time(7)
    crowd.watches.add(1, crowd.call)
    crowd.pass_time(5)
    assert len(crowd.called) == 1
    rounds.stop()
    assert not crowd.clock.getDelayedCalls()


def test_a_watch_stopped_in_the_middle_of_a_round_is_passed_over() -> None:
    crowd = Crowd(10)
    everyone = crowd.everyone()
    Rounds(crowd.clock).once(lambda: everyone, timedelta(seconds=1))
    for watch in everyone[1:]:
        watch.stop()
    crowd.pass_time(2)
    assert len(crowd.called) == 1
