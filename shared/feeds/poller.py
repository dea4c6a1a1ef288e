"""The poller: polls each feed when it is due, and at once if a client waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.feeds.channel import WANTED, FeedAsked
from shared.feeds.claim import claim_due, claim_of_room
from shared.feeds.refresh import Refresher
from shared.feeds.subscription import FeedSubscription
from shared.runtime.spawn import spawn
from shared.runtime.until_quiet import UntilQuiet

LOOK_EVERY = timedelta(seconds=5)  # one query that finds nothing, as a rule
MOST_AT_ONCE = 20  # fetches; each may hold an answer of 10 MiB


class Poller:
    """One for each process that asks feeds; any number of such processes share them by leases."""

    _log = Logger()

    def __init__(self, database: Database, bus: Bus, refresher: Refresher, process: UUID, reactor: Any) -> None:
        self._database = database
        self._refresher = refresher
        self._process = process
        self._asking: set[Deferred[None]] = set()
        self._look = UntilQuiet(self._claim_due, "looking for feeds that are due")
        self._looks = LoopingCall(self._look.look)
        self._looks.clock = reactor
        self._is_closed = False
        self._watch = bus.watch(WANTED, EVERYTHING, self._wanted)
        self._looks.start(LOOK_EVERY.total_seconds(), now=True)

    async def close(self) -> None:
        """Ask no more; what is under way ends here, and its leases run out by themselves."""
        self._is_closed = True
        self._watch.stop()
        self._looks.stop()
        for asking in list(self._asking):
            asking.cancel()

    async def _claim_due(self) -> None:
        free = MOST_AT_ONCE - len(self._asking)
        if free > 0:
            await self._claim(claim_due, self._process, free)

    def _wanted(self, folder_id: int | None) -> None:
        if folder_id is not None and not self._is_closed:
            spawn(self._claim(claim_of_room, self._process, folder_id), "asking a feed that somebody waits for")

    async def _claim(self, claim: Any, *arguments: Any) -> None:
        try:
            feeds: Sequence[FeedSubscription] = await self._database.transact(claim, *arguments)
        except (StoreUnavailable, StatementTimedOut) as error:
            self._log.warn("feeds cannot be asked now: {reason}", reason=repr(error))
            return
        for feed in feeds:
            if not self._is_closed:
                self._begin(feed)

    def _begin(self, feed: FeedSubscription) -> None:
        asking: Deferred[None] = Deferred.fromCoroutine(self._ask(feed))
        if not asking.called:
            self._asking.add(asking)
            asking.addBoth(lambda _result: self._asking.discard(asking))

    async def _ask(self, feed: FeedSubscription) -> None:
        try:
            new = await self._refresher.refresh(feed)
            await self._database.transact(_tell, feed.folder_id)
        except CancelledError:
            pass  # the process closes
        except DomainError as error:
            self._log.warn("{url} was not asked to the end: {reason}", url=feed.url, reason=repr(error))
        except Exception:
            self._log.failure("{url} was not asked to the end", url=feed.url)
        else:
            if new:
                self._log.info("{new} articles came from {url}", new=new, url=feed.url)


def _tell(tx: Transaction, folder_id: int) -> None:
    tx.announce(FeedAsked(folder_id))
