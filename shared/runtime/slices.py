"""Slices: work in steps, for about a millisecond between the reactor's other work, and less the busier it is.

Not in a thread: it would hold the interpreter's lock for 5 ms at a time, and the reactor asks for that lock again after
each read and write of a socket.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Protocol

from shared.clock import Call, Clock

SLICE_SECONDS = 0.001  # how long a response may have to wait for a slice; the last step may take as long again
_REST_WHEN_IDLE = 3  # the pause, in times of the slice before it: reading takes a quarter of the processor at most,
_REST_WHEN_BUSY = 24  # and 4 % while others are late, too
_LATE_SECONDS = 0.001  # a timer that is so late says that the reactor is busy


class Work(Protocol):
    """Something to be done in steps."""

    def step(self) -> bool:
        """Do a little; False when there is nothing left for now."""


class Slices:
    """Does one work after the other, in slices of the reactor's time.

    In turns, many pages would all be read at once, and all take up memory until the last of them is done.
    """

    def __init__(self, clock: Clock, timer: Callable[[], float] = perf_counter) -> None:
        """`timer` measures the slices; `clock` schedules them."""
        self._clock = clock
        self._timer = timer
        self._waiting: deque[Work] = deque()
        self._call: Call | None = None
        self._due = 0.0

    def add(self, work: Work) -> None:
        """Do `work`, after what is there already; not to be added again before it said that nothing is left."""
        self._waiting.append(work)
        if self._call is None:
            self._schedule(0)

    def finish(self, most_seconds: float) -> None:
        """Do the work that is left without pauses, for so long at most, and stop; for the end of the process."""
        end = self._timer() + most_seconds
        while self._waiting and self._timer() < end:
            self._step()
        self._waiting.clear()
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None

    def _schedule(self, delay: float) -> None:
        self._due = self._clock.seconds() + delay
        self._call = self._clock.callLater(delay, self._slice)

    def _slice(self) -> None:
        self._call = None
        is_late = self._clock.seconds() - self._due > _LATE_SECONDS
        start = self._timer()
        taken = 0.0
        while self._waiting and taken < SLICE_SECONDS:
            self._step()
            taken = self._timer() - start
        if self._waiting:
            self._schedule(taken * (_REST_WHEN_BUSY if is_late else _REST_WHEN_IDLE))

    def _step(self) -> None:
        if not self._waiting[0].step():
            self._waiting.popleft()
