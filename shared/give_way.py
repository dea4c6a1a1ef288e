"""Giving way: a long loop of a coroutine lets the reactor serve the others every few milliseconds."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from time import perf_counter
from typing import TypeVar

from twisted.internet.defer import Deferred

from shared.clock import Clock

T = TypeVar("T")

TURN_SECONDS = 0.010  # how long other work waits at most for one loop's turn
SHARE = 10  # a first turn is this much shorter while others wait or work: thirty in one pass take 40 ms, not 300


class _Line:
    """The long pieces of work of a process that wait for their next turn: each pass of the reactor is for one of them.

    With many at a time each takes longer, and the others still wait for no more than one turn. It is in `_lines` as
    long as somebody waits, or has worked for long in this pass of the reactor.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Deferred[None]] = deque()
        self._is_called = False
        self._has_worked = False

    def join(self) -> Deferred[None]:
        """Fires when the caller's turn has come."""
        turn: Deferred[None] = Deferred()
        self._waiting.append(turn)
        self._call()
        return turn

    def note_work(self) -> None:
        """Note that a long piece of work runs in this pass of the reactor."""
        if not self._has_worked:
            self._has_worked = True
            self._clock.callLater(0, self._forget_work)

    def _forget_work(self) -> None:
        self._has_worked = False
        self._leave()

    def _call(self) -> None:
        if self._waiting and not self._is_called:
            self._is_called = True
            self._clock.callLater(0, self._next)

    def _next(self) -> None:
        self._is_called = False
        turn = self._waiting.popleft()
        self._call()
        self._leave()
        turn.callback(None)

    def _leave(self) -> None:
        if not self._waiting and not self._has_worked:
            del _lines[self._clock]


_lines: dict[Clock, _Line] = {}


def _line_before(clock: Clock) -> _Line:
    line = _lines.get(clock)
    if line is None:
        line = _lines[clock] = _Line(clock)
    return line


def turn_seconds(clock: Clock, seconds: float = TURN_SECONDS) -> float:
    """How long a piece of work that begins now may take before it gives way."""
    return seconds / SHARE if _lines and clock in _lines else seconds


def next_turn(clock: Clock) -> Deferred[None]:
    """Fires when the reactor has served whatever was ready meanwhile."""
    return _line_before(clock).join()


class Turns:
    """The turns of one long piece of work on the reactor.

    In a loop whose steps are cheap, look at `is_over` every hundred steps or so (it reads a clock, about 50 ns):

        if turns.is_over:
            await turns.give_way()
    """

    __slots__ = ("_clock", "_ends", "_look_at", "_seconds", "_timer")

    def __init__(self, clock: Clock, seconds: float = TURN_SECONDS, timer: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._seconds = seconds
        self._timer = timer
        now = timer()
        self._ends = now + turn_seconds(clock, seconds)
        self._look_at = now + seconds / SHARE  # nothing is to be done before

    @property
    def is_over(self) -> bool:
        """Whether the turn is over: others have waited long enough."""
        now = self._timer()
        if now < self._look_at:
            return False
        if now < self._ends:
            _line_before(self._clock).note_work()  # turns that begin in this pass are short from now on
            self._look_at = self._ends
            return False
        return True

    async def give_way(self) -> None:
        """Return when the reactor has served whatever was ready meanwhile; a new turn begins then."""
        await next_turn(self._clock)
        self._look_at = self._ends = self._timer() + self._seconds

    async def slices(self, items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
        """`items` in slices of `size`, giving way between two of them when the turn is over."""
        for start in range(0, len(items), size):
            if self.is_over:
                await self.give_way()
            yield items[start : start + size]
