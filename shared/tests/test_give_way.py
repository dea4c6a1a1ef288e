"""A long loop lets others in between, and a short one is not slowed down."""

from __future__ import annotations

import gc
import weakref

from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import Clock

from shared.give_way import Turns, next_turn
from shared.testing.reactor import running_reactor


class Stopwatch:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


async def count(turns: Turns, stopwatch: Stopwatch, steps: int, done: list[int]) -> None:
    for step in range(steps):
        stopwatch.now += 1
        done.append(step)
        if turns.is_over:
            await turns.give_way()


def test_a_loop_gives_way_each_time_its_turn_is_over() -> None:
    clock, stopwatch, done, held = Clock(), Stopwatch(), list[int](), list[int]()

    class Watched(Turns):
        async def give_way(self) -> None:
            held.append(len(done))
            await super().give_way()

    work = Deferred.fromCoroutine(count(Watched(clock, 10, stopwatch), stopwatch, 25, done))
    assert not work.called
    clock.advance(0)
    assert work.called
    assert held == [10, 20]
    assert len(done) == 25


def test_slices_are_complete_and_in_order() -> None:
    clock, stopwatch, seen = Clock(), Stopwatch(), list[int]()

    async def work() -> None:
        async for piece in Turns(clock, 2, stopwatch).slices(range(10), 3):
            stopwatch.now += 1
            seen.extend(piece)

    working = Deferred.fromCoroutine(work())
    assert seen == [0, 1, 2, 3, 4, 5]
    clock.advance(0)
    assert working.called
    assert seen == list(range(10))


async def test_each_pass_of_the_reactor_is_for_one_long_piece_of_work() -> None:
    """Twenty sessions that search at a time would else keep the others waiting for twenty turns."""
    reactor = running_reactor()
    passes, worked = 0, list[int]()

    def count_passes() -> None:
        nonlocal passes
        passes += 1
        if len(worked) < 100:
            reactor.callLater(0, count_passes)

    async def work() -> None:
        turns = Turns(reactor, seconds=0)
        for _ in range(5):
            await turns.give_way()
            worked.append(passes)

    reactor.callLater(0, count_passes)
    await gatherResults([Deferred.fromCoroutine(work()) for _ in range(20)])
    assert len(worked) == 100
    assert max(worked.count(number) for number in worked) <= 2  # the two kinds of calls may change places


def test_work_that_is_given_up_while_it_waits_holds_up_nobody() -> None:
    clock, stopwatch, done = Clock(), Stopwatch(), list[int]()
    given_up = Deferred.fromCoroutine(count(Turns(clock, 1, stopwatch), stopwatch, 5, []))
    other = Deferred.fromCoroutine(count(Turns(clock, 1, stopwatch), stopwatch, 5, done))
    given_up.addErrback(lambda failure: failure.trap(CancelledError))
    given_up.cancel()
    clock.advance(0)
    assert other.called
    assert done == [0, 1, 2, 3, 4]


def test_turns_that_begin_in_one_pass_of_the_reactor_share_it() -> None:
    """Thirty pieces of work of 9 ms each gave way to nobody, and kept the others waiting for 270 ms."""
    clock, stopwatch, done = Clock(), Stopwatch(), list[int]()
    works = [Deferred.fromCoroutine(count(Turns(clock, 10, stopwatch), stopwatch, 9, done)) for _ in range(30)]
    assert [work.called for work in works] == [True] + [False] * 29
    assert len(done) == 9 + 29
    clock.advance(0)
    assert all(work.called for work in works)
    assert done.count(8) == 30


def test_a_pass_in_which_nobody_works_for_long_shortens_no_turn() -> None:
    clock, stopwatch, done = Clock(), Stopwatch(), list[int]()
    for _ in range(3):
        work = Deferred.fromCoroutine(count(Turns(clock, 10, stopwatch), stopwatch, 9, done))
        assert work.called
        clock.advance(0)


def test_a_clock_that_nobody_has_any_more_is_forgotten() -> None:
    """Each stayed for ever: its line held it."""
    clock = Clock()
    waiting = next_turn(clock)
    clock.advance(0)
    assert waiting.called
    gone = weakref.ref(clock)
    del clock, waiting
    gc.collect()
    assert gone() is None
