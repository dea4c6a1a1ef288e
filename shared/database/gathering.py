"""Commits that are shared: what arrives while one is under way goes into the next, all of it with one sync."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from shared.activity.metrics import COMMIT_SECONDS
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
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
        self._will_begin = False
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
        if not self._will_begin and self._may_begin():
            # At the end of this turn of the reactor, with whatever else it brings.
            self._will_begin = True
            self._database.clock.callLater(0, self._begin)
        return await waiting.done

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

    def _begin(self) -> None:
        self._will_begin = False
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
        self._begin()  # before the callers are answered: PostgreSQL works while the replies are written
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
