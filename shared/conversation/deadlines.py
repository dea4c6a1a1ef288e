"""One coarse tick that ends every conversation past its deadline."""

from __future__ import annotations

from typing import Protocol

from shared.clock import Call, Clock

TICK_SECONDS = 1.0  # looking at 2,000 deadlines takes 0.1 ms; limits are minutes
NEVER = float("inf")


class Timed(Protocol):
    """A member of a `Deadlines`, with a deadline on its clock; NEVER while there is none."""

    deadline: float

    def time_is_up(self) -> None:
        """The deadline has passed; it must be moved."""


class Deadlines:
    """Watches members' deadlines: setting one is an assignment, and a member costs no delayed call of its own.

    Ticks while there are members, and once more: who comes and goes alone costs no delayed call either.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._members: set[Timed] = set()
        self._tick: Call | None = None

    def add(self, member: Timed) -> None:
        """Watch `member` from now on."""
        self._members.add(member)
        if self._tick is None:
            self._tick = self._clock.callLater(TICK_SECONDS, self._look)

    def discard(self, member: Timed) -> None:
        """Watch `member` no more."""
        self._members.discard(member)

    def _look(self) -> None:
        if not self._members:
            self._tick = None
            return
        self._tick = self._clock.callLater(TICK_SECONDS, self._look)
        now = self._clock.seconds()
        for member in [each for each in self._members if each.deadline <= now]:
            member.time_is_up()
