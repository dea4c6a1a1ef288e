"""Opening a room that is filled by feeds: those that are overdue are asked first, for three seconds at most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from twisted.internet.defer import Deferred

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.feeds.channel import ASKED, FeedWanted
from shared.rooms.room import Room

WAIT = timedelta(seconds=3)
AGAIN = timedelta(minutes=1)  # a room whose feeds are slow, or that no poller asks, does not delay every command
_REMEMBERED_OCTETS = 1 << 20

_OVERDUE = "SELECT true FROM feed WHERE folder_id = %s AND next_try_at <= now() AND NOT stopped LIMIT 1"


class OverdueFeeds:
    """One for each process that opens rooms for clients."""

    def __init__(self, database: Database, bus: Bus, reactor: Any) -> None:
        self._database = database
        self._bus = bus
        self._reactor = reactor
        self._seconds: Callable[[], float] = reactor.seconds
        self._waited: BoundedCache[int, float] = BoundedCache(_REMEMBERED_OCTETS, lambda _until: ENTRY_OCTETS)

    async def wait_for(self, room: Room) -> None:
        """Returns when the room's overdue feeds were asked, or WAIT is over; at once where none is overdue.

        Raises StoreUnavailable, StatementTimedOut.
        """
        if not room.fed or (self._waited.get(room.folder_id) or 0) > self._seconds():
            return
        if not await self._database.read(_is_overdue, room.folder_id):
            return
        self._waited.drop(room.folder_id)
        self._waited.put(room.folder_id, self._seconds() + AGAIN.total_seconds())
        asked: Deferred[None] = Deferred()

        def on_news(position: int | None) -> None:
            if position is not None and not asked.called:
                asked.callback(None)

        watch = self._bus.watch(ASKED, room.folder_id, on_news)
        time_out = self._reactor.callLater(WAIT.total_seconds(), on_news, 0)
        try:
            await self._database.transact(_want, room.folder_id)
            await asked
        finally:
            watch.stop()
            if time_out.active():
                time_out.cancel()


def _is_overdue(tx: Transaction, folder_id: int) -> bool:
    return tx.value(_OVERDUE, (folder_id,)) is not None


def _want(tx: Transaction, folder_id: int) -> None:
    tx.announce(FeedWanted(folder_id))
