"""Threads for the pool: as much of Twisted's ThreadPool as adbapi and deferToThreadPool use, handed work more directly.

Twisted's goes through a coordinator, two locks and a context for each piece of work, and passes it to the thread that
has rested longest. Here the one that rested shortest gets it: what it left in the caches is still there, and so is what
PostgreSQL's process at the other end of its connection left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from twisted.python.failure import Failure

OnResult = Callable[[bool, Any], object]  # whether it succeeded; the result or the Failure
_Work = tuple[OnResult, Callable[[], Any]]


class Threads:
    """Starts a thread when there is work and none rests, up to `most`."""

    def __init__(self, most: int, name: str) -> None:
        self._most, self._name = most, name
        self._lock = Lock()
        self._all: list[_Worker] = []
        self._resting: list[_Worker] = []
        self._waiting: deque[_Work] = deque()

    def start(self) -> None:
        """Nothing is to be done before there is work."""

    def callInThreadWithCallback(
        self, onResult: OnResult, func: Callable[..., Any], *arguments: Any, **named: Any
    ) -> None:
        """Call `func` in a thread, and there `onResult` with what came of it."""
        work = (onResult, partial(func, *arguments, **named))
        with self._lock:
            if self._resting:
                self._resting.pop().work.put(work)
            elif len(self._all) < self._most:
                worker = _Worker(f"{self._name}-{len(self._all)}", self._next_for)
                self._all.append(worker)
                worker.work.put(work)
                worker.start()
            else:
                self._waiting.append(work)

    def _next_for(self, worker: _Worker) -> _Work | None:
        """What waits; if nothing does, `worker` rests."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._resting.append(worker)
            return None

    def stop(self) -> None:
        """End all threads; returns when they have finished what they do."""
        for worker in self._all:
            worker.work.put(None)
        for worker in self._all:
            worker.join()


class _Worker(Thread):
    def __init__(self, name: str, next_for: Callable[[_Worker], _Work | None]) -> None:
        super().__init__(name=name)
        self.work: SimpleQueue[_Work | None] = SimpleQueue()
        self._next_for = next_for

    def run(self) -> None:
        """Work until None comes."""
        while (work := self.work.get()) is not None:
            while work is not None:
                work = self._do(work)

    def _do(self, work: _Work) -> _Work | None:
        on_result, function = work
        try:
            succeeded, result = True, function()
        except BaseException:
            succeeded, result = False, Failure()
        following = self._next_for(self)
        on_result(succeeded, result)
        return following
