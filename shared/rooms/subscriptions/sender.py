"""The sender of a process: posts go to subscribers as soon as they are committed, digests when they are due."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.folders.channel import FOLDERS
from shared.rooms.subscriptions.channel import SUBSCRIBERS
from shared.rooms.subscriptions.due import rooms_to_send
from shared.rooms.subscriptions.elsewhere.send import send_digest_elsewhere, send_each_elsewhere
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.send_digest import send_digest
from shared.rooms.subscriptions.send_each import SentPosts, send_each
from shared.runtime.until_quiet import UntilQuiet

LOOK_EVERY = timedelta(seconds=30)  # should news be lost, or another process die; one query that finds nothing
_Send = Callable[[Transaction, int, ListNames, datetime], SentPosts | None]


class SubscriptionSender:
    """One for each process that sends; any number of such processes share the subscribers by the locks of their rows.

    It works on one room at a time.
    """

    _log = Logger()

    def __init__(
        self, database: Database, bus: Bus, names: ListNames, reactor: Any, now: Callable[[], datetime]
    ) -> None:
        """`now` gives aware times."""
        self._database = database
        self._bus = bus
        self._names = names
        self._now = now
        self._is_closed = False
        self._rooms: dict[int, Watch] = {}  # those with subscribers
        self._sending = UntilQuiet(self._send_all, "sending posts to subscribers")
        self._watch = bus.watch(SUBSCRIBERS, EVERYTHING, self._look)
        self._looks = LoopingCall(self._look)
        self._looks.clock = reactor
        self._looks.start(LOOK_EVERY.total_seconds(), now=True)

    @property
    def watched_rooms(self) -> Collection[int]:
        """The rooms whose posts are sent at once: those with subscribers, as of the last look."""
        return self._rooms.keys()

    async def close(self) -> None:
        """Begin nothing more; the transaction under way ends by itself before the store is closed."""
        self._is_closed = True
        self._looks.stop()
        self._watch.stop()
        for watch in self._rooms.values():
            watch.stop()

    def _look(self, _position: int | None = None) -> None:
        if not self._is_closed:
            self._sending.look()

    async def _send_all(self) -> None:
        """Raises StoreUnavailable, StatementTimedOut: the next look is soon."""
        found = await self._database.read(rooms_to_send, self._now())
        if self._is_closed:
            return
        self._watch_rooms(set(found.subscribed))
        for room_id in found.each:
            await self._send(send_each, room_id)
        for room_id in found.each_elsewhere:
            await self._send(send_each_elsewhere, room_id)
        for room_id in found.digests:
            await self._send(send_digest, room_id)
        for room_id in found.digests_elsewhere:
            await self._send(send_digest_elsewhere, room_id)

    def _watch_rooms(self, subscribed: set[int]) -> None:
        for room_id in self._rooms.keys() - subscribed:
            self._rooms.pop(room_id).stop()
        for room_id in subscribed - self._rooms.keys():
            self._rooms[room_id] = self._bus.watch(FOLDERS, room_id, self._look)

    async def _send(self, send: _Send, room_id: int) -> None:
        """Send all of a room's; what fails there keeps no other room waiting."""
        try:
            while not self._is_closed:
                self._database.free_space.check()
                sent = await self._database.transact(send, room_id, self._names, self._now())
                if sent is None:
                    return
                self._record(sent)
        except DomainError as error:
            self._log.warn("posts of room {room_id} are not sent now: {reason}", room_id=room_id, reason=repr(error))
        except Exception:
            self._log.failure("posts of room {room_id} are not sent", room_id=room_id)

    def _record(self, sent: SentPosts) -> None:
        if sent.posts:
            self._log.info("{posts} posts of {room} are sent: {copies} copies", **sent._asdict())
        if sent.passed_over:
            self._log.warn("posts of {room} were passed over for {passed_over} accounts", **sent._asdict())
