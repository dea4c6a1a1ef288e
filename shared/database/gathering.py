"""Commits that are shared: what arrives while one is under way goes into the next, all of it with one sync."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from shared.activity.metrics import COMMIT_SECONDS
from shared.clock import Call
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.database.expected import MOMENT_SECONDS, Expected
from shared.database.transaction import Transaction
from shared.errors import DomainError

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_ITEMS = 256  # some 100 ms of inserting: longer transactions only make everyone wait
MOST_OCTETS = 16 * 1024 * 1024
MOST_AT_ONCE = 2  # the second begins only when the first takes long: fewer and larger commits cost less
TROUBLE_SECONDS = 0.05  # a commit takes 5 ms; one that takes so long waits for a folder's lock, or for the disk
# Items that wait are held in memory: as many as four gatherings, then clients are asked to come again later.
WAITING_GATHERINGS = 4
WORTH_A_COMMIT = 8  # with so many, one more makes the commit only little cheaper for each

_COMMITTED, _FAILED = ("committed",), ("failed",)


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Item, Result]):
    item: Item
    octets: int
    done: Deferred[Result] = field(default_factory=Deferred)


class Gathering(Generic[Item, Result]):
    """Runs `operation` on as many items as have gathered, in the order they came.

    `operation` gives a result for each item, in order, or in its place the DomainError that refuses this item alone;
    it must leave nothing behind for an item that it refuses.
    """

    _log = Logger()

    def __init__(
        self,
        database: Database,
        operation: Callable[[Transaction, Sequence[Item]], Sequence[Result | DomainError]],
        *,
        most_items: int = MOST_ITEMS,
        most_octets: int = MOST_OCTETS,
        weigh: Callable[[Item], int] | None = None,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        """`weigh` tells an item's octets; without it only the number of items is bounded."""
        self._database = database
        self._operation = operation
        self._most_items, self._most_octets = most_items, most_octets
        self._weigh = weigh
        self._most_at_once = most_at_once
        self._queue: deque[_Waiting[Item, Result]] = deque()
        self._queued_octets = 0
        self._under_way = 0
        self._in_trouble = 0  # how many of those under way
        self._will_begin: Call | None = None
        self._waits_until: float | None = None
        self._expected = Expected(database.clock, self._look_again)
        self._closed = False
        self._drained: list[Deferred[None]] = []

    async def submit(self, item: Item) -> Result:
        """Returns after the commit that holds `item`.

        Raises the item's own DomainError, StatementTimedOut, and StoreUnavailable: nothing was kept then, unless it
        is CommitUnknown. Also StoreUnavailable, at once, when too much waits already.
        """
        waiting: _Waiting[Item, Result] = _Waiting(item, self._weigh(item) if self._weigh is not None else 0)
        if self._closed:
            raise StoreUnavailable("the service is shutting down")
        if self._is_full_for(waiting):
            self._begin()  # more have come in this turn than wait otherwise
        if self._is_full_for(waiting):
            raise StoreUnavailable(f"{len(self._queue)} operations are waiting to be committed")
        self._queue.append(waiting)
        self._queued_octets += waiting.octets
        if self._will_begin is None:
            if self._may_begin():
                # At the end of this turn of the reactor, with whatever else it brings.
                self._will_begin = self._database.clock.callLater(0, self._begin_or_wait)
        elif len(self._queue) == WORTH_A_COMMIT:
            self._look_again()
        return await waiting.done

    def coming(self) -> AbstractContextManager[None]:
        """A context: while it lasts, an item is on its way; a commit that could begin waits for it, but not for long.

        For what a client sends as soon as it is asked for: those who are asked at the same time share a commit.
        """
        return self._expected.coming()

    async def close(self) -> None:
        """Refuse what is new; return when everything that was accepted is committed or refused."""
        self._closed = True
        if self._under_way or self._queue:
            drained: Deferred[None] = Deferred()
            self._drained.append(drained)
            await drained

    def _is_full_for(self, waiting: _Waiting[Item, Result]) -> bool:
        if not self._queue:
            return False  # an item larger than any limit goes alone
        return (
            len(self._queue) >= self._most_items * WAITING_GATHERINGS
            or self._queued_octets + waiting.octets > self._most_octets * WAITING_GATHERINGS
        )

    def _may_begin(self) -> bool:
        return self._in_trouble == self._under_way < self._most_at_once

    def _begin_or_wait(self) -> None:
        """Begin, or in a moment if a few items could share the commit with others that are on their way."""
        self._will_not_begin()
        if 0 < len(self._queue) < WORTH_A_COMMIT and self._expected.is_any() and self._may_begin():
            now = self._database.clock.seconds()
            if self._waits_until is None:
                self._waits_until = now + MOMENT_SECONDS
            if now < self._waits_until:
                self._will_begin = self._database.clock.callLater(self._waits_until - now, self._begin)
                return
        self._begin()

    def _look_again(self) -> None:
        """At the end of this turn of the reactor: all that were on their way are here, or enough of them."""
        if self._will_begin is not None:
            self._will_not_begin()
            self._will_begin = self._database.clock.callLater(0, self._begin_or_wait)

    def _will_not_begin(self) -> None:
        if self._will_begin is not None and self._will_begin.active():
            self._will_begin.cancel()
        self._will_begin = None

    def _begin(self) -> None:
        self._will_not_begin()
        self._waits_until = None
        if self._queue and self._may_begin():
            self._under_way += 1
            Deferred.fromCoroutine(self._commit_and_tell(self._take()))

    def _begin_beside(self) -> None:
        self._in_trouble += 1
        self._begin()

    async def _commit_and_tell(self, gathered: Sequence[_Waiting[Item, Result]]) -> None:
        trouble = self._database.clock.callLater(TROUBLE_SECONDS, self._begin_beside)
        outcomes = await self._commit(gathered)
        if trouble.active():
            trouble.cancel()
        else:
            self._in_trouble -= 1
        self._under_way -= 1
        self._begin_or_wait()  # before the callers are answered: PostgreSQL works while the replies are written
        for waiting, outcome in outcomes:
            if isinstance(outcome, Exception):
                waiting.done.errback(outcome)
            else:
                waiting.done.callback(outcome)
        if not self._under_way:
            drained, self._drained = self._drained, []
            for waiter in drained:
                waiter.callback(None)

    def _take(self) -> list[_Waiting[Item, Result]]:
        taken: list[_Waiting[Item, Result]] = []
        octets = 0
        while self._queue and len(taken) < self._most_items:
            octets += self._queue[0].octets
            if taken and octets > self._most_octets:
                break
            taken.append(self._queue.popleft())
            self._queued_octets -= taken[-1].octets
        return taken

    async def _commit(
        self, gathered: Sequence[_Waiting[Item, Result]]
    ) -> list[tuple[_Waiting[Item, Result], Result | Exception]]:
        """The outcome of each item in `gathered`; never fails."""
        began = self._database.clock.seconds()
        try:
            results = await self._database.transact(self._operate, [waiting.item for waiting in gathered])
            COMMIT_SECONDS.add(_COMMITTED, self._database.clock.seconds() - began)
            return list(zip(gathered, results, strict=True))
        except Exception as error:
            COMMIT_SECONDS.add(_FAILED, self._database.clock.seconds() - began)
            if len(gathered) == 1 or (isinstance(error, DomainError) and error.temporary):
                return [(waiting, error) for waiting in gathered]
            # One of the items makes the transaction fail: halve them until it is alone, so that only that one is
            # refused.
            self._log.warn("a gathering of {count} failed and is divided: {error!r}", count=len(gathered), error=error)
            middle = len(gathered) // 2
            return await self._commit(gathered[:middle]) + await self._commit(gathered[middle:])

    def _operate(self, tx: Transaction, items: Sequence[Item]) -> Sequence[Result | DomainError]:
        results = self._operation(tx, items)
        if len(results) != len(items):  # raised before the commit: after it, a caller could be told something false
            raise ValueError(f"{len(results)} results for {len(items)} items")
        return results
