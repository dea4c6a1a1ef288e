"""Items on their way to a gathering: a commit that could begin waits a moment for them, so that they share it."""

from __future__ import annotations

from collections.abc import Callable

from shared.clock import Clock

# A program on this machine, or near it, answers within 0.1 to 0.5 ms; others are waited for in vain, but not for long.
MOMENT_SECONDS = 0.001


class Expected:
    """The items whose clients were asked for them less than MOMENT_SECONDS ago, and have not sent all of them."""

    def __init__(self, clock: Clock, all_came: Callable[[], None]) -> None:
        """`all_came` is called when none is left to wait for, before the last one is handed in."""
        self._clock = clock
        self._all_came = all_came
        self._lapses: dict[Coming, float] = {}  # in the order of time

    def coming(self) -> Coming:
        """A context: the item is on its way within, for a moment."""
        return Coming(self)

    def is_any(self) -> bool:
        """Whether there is one to wait for; those that take longer are forgotten."""
        while self._lapses:
            first, lapses = next(iter(self._lapses.items()))
            if lapses > self._clock.seconds():
                return True
            del self._lapses[first]
        return False

    def add(self, coming: Coming) -> None:
        """One more."""
        self._lapses[coming] = self._clock.seconds() + MOMENT_SECONDS

    def remove(self, coming: Coming) -> None:
        """It is here, or will never be."""
        if self._lapses.pop(coming, None) is not None and not self._lapses:
            self._all_came()


class Coming:
    """One item on its way."""

    __slots__ = ("_expected",)

    def __init__(self, expected: Expected) -> None:
        self._expected = expected

    def __enter__(self) -> None:
        self._expected.add(self)

    def __exit__(self, *_error: object) -> None:
        self._expected.remove(self)
