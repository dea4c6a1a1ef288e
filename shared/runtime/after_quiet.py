"""A call that waits until what it is about has been quiet for a while, but not for ever."""

from __future__ import annotations

from collections.abc import Callable

from shared.clock import Call, Clock


class AfterQuiet:
    """Calls once nothing was heard for `quiet` seconds; while there is always something, `longest` after the first."""

    def __init__(self, clock: Clock, quiet: float, longest: float, call: Callable[[], object]) -> None:
        self._clock = clock
        self._quiet = quiet
        self._longest = longest
        self._call = call
        self._heard_at = self._latest = 0.0
        self._look: Call | None = None

    def hear(self) -> None:
        """Something has happened."""
        self._heard_at = self._clock.seconds()
        if self._look is None:
            self._latest = self._heard_at + self._longest
            self._look = self._clock.callLater(self._quiet, self._call_or_wait)

    def cancel(self) -> None:
        """Call no more for what was heard."""
        look, self._look = self._look, None
        if look is not None and look.active():
            look.cancel()

    def _call_or_wait(self) -> None:
        wait = min(self._heard_at + self._quiet, self._latest) - self._clock.seconds()
        if wait > 0:
            self._look = self._clock.callLater(wait, self._call_or_wait)
            return
        self._look = None
        self._call()
