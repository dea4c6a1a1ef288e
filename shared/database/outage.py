"""An outage of PostgreSQL: which operations wait for its end, which are refused, and how its end is noticed."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from shared.clock import Clock
from shared.database.errors import StoreUnavailable

FIRST_DELAY_SECONDS = 0.05
LONGEST_DELAY_SECONDS = 2.0


class Outage:
    """While it lasts, one attempt at a time looks whether the store is back; everyone else waits for that one.

    An operation waits until `patience` after the outage began; in a longer one it is refused at once.
    """

    _log = Logger()

    def __init__(self, reactor: Clock, patience: timedelta, connect: Callable[[], Awaitable[object]]) -> None:
        self._reactor = reactor
        self._patience_seconds = patience.total_seconds()
        self._connect = connect
        self._began: float | None = None
        self._waiting: list[Deferred[None]] = []
        self._stopped = False
        self.reason: str | None = None

    def begin(self, reason: str) -> None:
        """A connection could not be made: the outage begins."""
        if self._began is not None or self._stopped:
            return
        self._began, self.reason = self._reactor.seconds(), reason
        self._log.warn("PostgreSQL is away: {reason}", reason=reason)
        self._look_again_in(FIRST_DELAY_SECONDS)

    async def over(self) -> None:
        """Return when the store is there, at once in ordinary times. Raises StoreUnavailable."""
        if self._began is None:
            return
        left = self._began + self._patience_seconds - self._reactor.seconds()
        if left <= 0 or self._stopped:
            raise StoreUnavailable(self.reason)
        waiter: Deferred[None] = Deferred()
        self._waiting.append(waiter)
        timer = self._reactor.callLater(left, self._give_up, waiter)
        try:
            await waiter
        finally:
            if timer.active():
                timer.cancel()

    def stop(self) -> None:
        """Stop looking; operations that wait are refused."""
        self._stopped = True
        for waiter in list(self._waiting):
            self._give_up(waiter)

    def _give_up(self, waiter: Deferred[None]) -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            waiter.errback(StoreUnavailable(self.reason))

    def _look_again_in(self, seconds: float) -> None:
        delay = seconds * random.uniform(0.5, 1)  # many processes wait for the same server
        self._reactor.callLater(delay, lambda: Deferred.fromCoroutine(self._look(seconds)))

    async def _look(self, last_delay: float) -> None:
        if self._stopped:
            return
        try:
            await self._connect()
        except Exception as error:
            self.reason = str(error)
            self._look_again_in(min(last_delay * 2, LONGEST_DELAY_SECONDS))
            return
        self._end()

    def _end(self) -> None:
        assert self._began is not None
        self._log.info("PostgreSQL is back after {seconds:.1f} s", seconds=self._reactor.seconds() - self._began)
        self._began = self.reason = None
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            waiter.callback(None)
