"""The store as services see it: operations go in, results come out, and what can be repeated is repeated."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from shared.clock import Clock
from shared.database.attempt import Collided, ConnectionLost, attempt
from shared.database.errors import StoreUnavailable
from shared.database.free_space import FreeSpace
from shared.database.limits import StoreLimits
from shared.database.outage import Outage
from shared.database.pool import CannotConnect, Pool
from shared.database.transaction import NO_TRANSACTION, READ_WRITE, SNAPSHOT, Transaction

P = ParamSpec("P")
T = TypeVar("T")

COLLISION_DELAY_SECONDS = 0.005  # doubles with each collision: about the time of a few commits
MOST_LOST_CONNECTIONS = 3  # more often, it may be the operation itself that crashes PostgreSQL


class Database:
    """A pool of connections to one PostgreSQL database.

    An operation is a plain function; it runs in a thread, maybe more than once, and touches its Transaction and
    nothing else.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        url: str,
        limits: StoreLimits | None = None,
        *,
        name: str = "agora",
        free_space: FreeSpace | None = None,
        announce: Callable[[Sequence[Any]], object] | None = None,
    ) -> None:
        """Connects when first asked something. `url` includes the password (shared/database/url.py).

        `free_space` is that of the disk that PostgreSQL writes to; operations that add messages check it. `announce`
        is called after each commit with the events that its transaction announced, if there are any.
        """
        self.free_space = free_space or FreeSpace(None, 0)
        self._limits = limits or StoreLimits()
        self.clock: Clock = reactor
        self._reactor = reactor
        self._pool = Pool(reactor, url, self._limits, name)
        self._announce = announce
        self._outage = Outage(reactor, self._limits.patience, lambda: self._pool.run(_nothing))
        self._under_way = 0
        self._idle: list[Deferred[None]] = []
        self._closed = False
        self._watch = LoopingCall(self._pool.hang_up_silent_ones)
        self._watch.clock = reactor
        reactor.callWhenRunning(self._start)

    @property
    def is_closed(self) -> bool:
        """Operations are refused: the process shuts down."""
        return self._closed

    @property
    def away_because(self) -> str | None:
        """The reason why PostgreSQL cannot be asked now, if that is known; operations wait for its return."""
        return self._outage.reason

    async def transact(
        self, operation: Callable[Concatenate[Transaction, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Run `operation` in a transaction and commit; when this returns, what it did is on disk, and announced.

        Repeated after a deadlock, a serialization failure, or a connection lost before the commit. Raises
        StoreUnavailable (CommitUnknown when the connection was lost in the commit itself), StatementTimedOut, and
        what `operation` raises, unchanged; nothing was done then.
        """
        return await self._run(READ_WRITE, lambda tx: operation(tx, *arguments, **named))

    async def read(
        self, operation: Callable[Concatenate[Transaction, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Run `operation`, which only reads: each statement sees the newest commits. Errors as for transact()."""
        return await self._run(NO_TRANSACTION, lambda tx: operation(tx, *arguments, **named))

    async def read_snapshot(
        self, operation: Callable[Concatenate[Transaction, P], T], *arguments: P.args, **named: P.kwargs
    ) -> T:
        """The same, with all its statements seeing the store at one moment; costs a round trip more."""
        return await self._run(SNAPSHOT, lambda tx: operation(tx, *arguments, **named))

    async def health(self) -> str | None:
        """Ask the store for a sign of life: None, or why there is none."""
        if self._outage.reason is not None:
            return self._outage.reason
        try:
            await self.read(_ping)
        except Exception as error:
            return str(error) or type(error).__name__
        return None

    async def close(self) -> None:
        """Refuse new operations, let those under way finish, and close all connections."""
        self._closed = True
        self._outage.stop()
        if self._under_way:
            idle: Deferred[None] = Deferred()
            self._idle.append(idle)
            await idle
        if self._watch.running:
            self._watch.stop()
        self._pool.close()

    async def _run(self, begin: str, operation: Callable[[Transaction], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the service is shutting down")
        self._under_way += 1
        try:
            return await self._repeat(begin, operation)
        finally:
            self._under_way -= 1
            if self._closed and not self._under_way:
                while self._idle:
                    self._idle.pop().callback(None)

    async def _repeat(self, begin: str, operation: Callable[[Transaction], T]) -> T:
        reason, lost = "", 0
        for number in range(self._limits.attempts):
            await self._outage.over()
            try:
                result, events = await self._pool.run(partial(attempt, begin=begin, operation=operation))
            except CannotConnect as error:
                reason = str(error)
                if not self._pool.is_connected():
                    self._outage.begin(reason)
                    continue  # and wait for its end
            except ConnectionLost as error:
                reason, lost = str(error), lost + 1
                self._log.info("a connection was lost: {reason}", reason=reason)
                if lost < MOST_LOST_CONNECTIONS:
                    continue  # at once: a restart has broken all connections, so the next attempt gets a new one
                break
            except Collided as error:
                reason = str(error)
                self._log.debug("collided, to be repeated: {reason}", reason=reason)
            else:
                if events:
                    self._tell(events)
                return result
            await deferLater(self._reactor, COLLISION_DELAY_SECONDS * 2**number * random.random())
        self._log.warn("given up after {count} attempts: {reason}", count=number + 1, reason=reason)
        raise StoreUnavailable(reason)

    def _tell(self, events: Sequence[Any]) -> None:
        """Announce the events; a failure is logged only, because the operation is committed."""
        if self._announce is not None:
            try:
                self._announce(events)
            except Exception:
                self._log.failure("committed changes could not be announced")

    def _start(self) -> None:
        if not self._closed:
            self._watch.start(self._limits.silence.total_seconds() / 3, now=False)


def _nothing(_connection: object) -> None:
    """Does nothing: running it makes a connection."""


def _ping(tx: Transaction) -> None:
    tx.execute("SELECT 1")
