"""The shutdown of a process: SIGTERM and SIGINT begin it, once, and it ends by a deadline, whatever hangs."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import FrameType
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from shared.runtime.settings import LONGEST_LIFE_AFTER_SIGNAL

_log = Logger()
AFTER_GRACE = timedelta(seconds=2)  # to close database and bus, and to end threads
LAST_MOMENT = LONGEST_LIFE_AFTER_SIGNAL - timedelta(seconds=0.3)  # the system, too, needs a moment to take it all down


class Shutdown:
    """Calls `close` once after SIGTERM or SIGINT, then stops the reactor. Calls `reopen` at SIGHUP and SIGUSR1."""

    def __init__(
        self, reactor: Any, close: Callable[[], Awaitable[None]], reopen: Callable[[], None], grace: timedelta
    ) -> None:
        self._reactor = reactor
        self._last_moment_seconds = min(grace + AFTER_GRACE, LAST_MOMENT).total_seconds()
        self._close = close
        self._reopen = reopen
        self.begun = False
        self.exit_status = 0

    def run(self) -> int:
        """Run the reactor until the end; returns the exit status."""
        self._reactor.callWhenRunning(self._watch_signals)
        self._reactor.addSystemEventTrigger("before", "shutdown", self._close_all)
        self._reactor.run()
        return self.exit_status

    def begin(self, exit_status: int = 0) -> None:
        """Shut down now; the first exit status counts. May be called from a signal handler, and more than once."""
        if not self.begun:
            self.begun = True
            self.exit_status = exit_status
            # Needs neither the reactor nor the interpreter's lock: writes what every thread is doing, and ends the
            # process.
            faulthandler.dump_traceback_later(self._last_moment_seconds, exit=True)
            self._reactor.callFromThread(self._reactor.stop)

    def _watch_signals(self) -> None:
        """After the reactor has installed its own, which would miss the deadline when the reactor itself is stuck."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_end)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, self._asked_to_reopen)

    def _asked_to_end(self, number: int, frame: FrameType | None) -> None:
        self.begin()

    def _asked_to_reopen(self, number: int, frame: FrameType | None) -> None:
        self._reactor.callFromThread(self._reopen)

    def _close_all(self) -> Deferred[None]:
        self.begun = True
        closing: Deferred[None] = Deferred.fromCoroutine(self._logged_close())
        return closing

    async def _logged_close(self) -> None:
        try:
            await self._close()
        except Exception:
            _log.failure("the shutdown failed; the process ends all the same")
