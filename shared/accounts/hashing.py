"""Slow hashes in threads of their own, and a limit to how many wait for one."""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from shared.accounts.errors import TooManySignIns

Result = TypeVar("Result")
P = ParamSpec("P")

# argon2 runs outside Python's lock and needs 64 MiB at a time: two are 128 MiB, and leave processors for the sessions.
THREADS = 2
# 0.15 s each, two at a time: the last one waits 5 s, and some 20 s on a machine that has much else to do. Mail programs
# wait 30 s and more.
MOST_WAITING = 64
MOST_PER_SOURCE = 32  # half: one address alone never keeps the others out
NICER = 5  # than the process: a third of its share of a processor, if both want to run
LEAST_SHARE = 19  # setpriority(2): there is nothing above


class Hashing:
    """Runs slow functions off the reactor thread, few at a time, and refuses what would wait too long."""

    def __init__(
        self,
        reactor: Any,
        *,
        threads: int = THREADS,
        most_waiting: int = MOST_WAITING,
        most_per_source: int = MOST_PER_SOURCE,
    ) -> None:
        self._reactor = reactor
        self._most_waiting = most_waiting
        self._most_per_source = most_per_source
        self._under_way: Counter[str] = Counter()
        self._pool = ThreadPool(minthreads=0, maxthreads=threads, name="hashing")

    async def run(self, source: str, function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """What `function` returns. `source`: the network that the attempt comes from. Raises TooManySignIns at once.

        Cancelled, it stops waiting; the thread cannot be stopped, and counts until it has ended.
        """
        if self._under_way.total() >= self._most_waiting or self._under_way[source] >= self._most_per_source:
            raise TooManySignIns
        self._start()
        self._under_way[source] += 1
        answer: Deferred[Result] = Deferred()
        running = deferToThreadPool(self._reactor, self._pool, _give_way_and_run, partial(function, *args, **kwargs))
        running.addBoth(self._ended, source, answer)
        return await answer

    def _ended(self, outcome: Any, source: str, answer: Deferred[Any]) -> None:
        self._under_way[source] -= 1
        if not self._under_way[source]:
            del self._under_way[source]
        if not answer.called:
            answer.callback(outcome)

    def _start(self) -> None:
        if not self._pool.started:
            self._pool.start()
            self._reactor.addSystemEventTrigger("during", "shutdown", self._pool.stop)


def _give_way_and_run(function: Callable[[], Result]) -> Result:
    """In the thread: a flood of sign-ins takes the processor time that the sessions leave.

    On Linux a priority is a thread's own, and argon2's lanes are threads that inherit it.
    """
    if sys.platform == "linux":
        of_process = os.getpriority(os.PRIO_PROCESS, os.getpid())  # Nice= of systemd, nice(1): only root goes below
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(of_process + NICER, LEAST_SHARE))
    return function()
