"""Work is done once, by no more threads than allowed, and its result comes back."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest

from shared.database.threads import Threads

PATIENCE_SECONDS = 10


class Outcomes:
    """What came of the work, as it comes."""

    def __init__(self) -> None:
        self._queue: Queue[tuple[bool, Any]] = Queue()

    def __call__(self, succeeded: bool, result: Any) -> None:
        self._queue.put((succeeded, result))

    def next(self) -> tuple[bool, Any]:
        return self._queue.get(timeout=PATIENCE_SECONDS)


@pytest.fixture
def threads() -> Iterator[Threads]:
    made = Threads(3, "test")
    made.start()
    yield made
    made.stop()


def do(threads: Threads, outcomes: Outcomes, work: Callable[..., Any], *arguments: Any) -> None:
    threads.callInThreadWithCallback(outcomes, work, *arguments)


def test_results_and_failures_come_back(threads: Threads) -> None:
    outcomes = Outcomes()
    do(threads, outcomes, int, "7")
    assert outcomes.next() == (True, 7)
    do(threads, outcomes, int, "seven")
    succeeded, failure = outcomes.next()
    assert not succeeded
    assert failure.check(ValueError)


def test_all_is_done_and_by_no_more_threads_than_allowed(threads: Threads) -> None:
    outcomes, may_end = Outcomes(), threading.Event()

    def work(number: int) -> tuple[int, int]:
        may_end.wait(PATIENCE_SECONDS)
        return number, threading.get_ident()

    for number in range(50):
        do(threads, outcomes, work, number)
    may_end.set()
    results = [outcomes.next()[1] for _ in range(50)]
    assert sorted(number for number, _ in results) == list(range(50))
    assert len({thread for _, thread in results}) <= 3


def test_one_thread_is_enough_for_one_after_the_other(threads: Threads) -> None:
    outcomes = Outcomes()
    seen = set()
    for _ in range(20):
        do(threads, outcomes, threading.get_ident)
        seen.add(outcomes.next()[1])
    assert len(seen) == 1


def test_stop_waits_for_what_is_under_way(threads: Threads) -> None:
    outcomes, begun, may_end = Outcomes(), threading.Event(), threading.Event()

    def work() -> str:
        begun.set()
        may_end.wait(PATIENCE_SECONDS)
        return "done"

    do(threads, outcomes, work)
    begun.wait(PATIENCE_SECONDS)
    threading.Timer(0.05, may_end.set).start()
    threads.stop()
    assert outcomes.next() == (True, "done")


def test_a_resting_thread_holds_nothing(threads: Threads) -> None:
    class Large:
        pass

    large, outcomes = Large(), Outcomes()
    gone = weakref.ref(large)
    do(threads, outcomes, id, large)
    outcomes.next()
    del large
    do(threads, outcomes, gc.collect)  # by then the thread has let go of what it did before
    outcomes.next()
    assert gone() is None
