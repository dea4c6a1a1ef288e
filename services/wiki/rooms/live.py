"""Live updates of rooms: server-sent events (HTML Living Standard §9.2) that tell the numbers of new messages.

An event carries numbers alone; the page that shows them asks again, with the rights that its reader has then. One watch
and one question to the store serve all readers of a room.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from twisted.internet.task import LoopingCall

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import room_here
from services.wiki.rooms.live_errors import TooManyReaders
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.events.watches import Watch
from shared.folders.channel import FOLDERS
from shared.give_way import Turns
from shared.ip_network import network_of
from shared.rooms.place_in_threads import place_in_threads
from shared.rooms.water import water_of
from shared.runtime.spawn import spawn

EVENT_STREAM = b"text/event-stream"
MOST_READERS = 5_000  # of a process: 30 KB each
MOST_OF_ONE = 30  # pages that an account, or a network of strangers, has open
MOST_NEW = 50  # numbers in an event; a page that is behind further says only that there is more
ALIVE_SECONDS = 25.0  # proxies close what is silent for 30 or 60 seconds
LOOK_SECONDS = 1.0  # how soon the streams end when the process is to end
_START = b"retry: 3000\n\n"
_ALIVE = b":\n\n"
_NEW = "SELECT uid, thread FROM thread_place WHERE folder_id = %s AND uid > %s ORDER BY uid DESC LIMIT %s"


class _Reader:
    """One open page. A client that does not take what it is sent is told the newest when it does."""

    __slots__ = ("key", "missed", "paused", "persistent", "request", "room")

    def __init__(self, request: WebRequest, room: _LiveRoom, key: object) -> None:
        self.request, self.room, self.key = request, room, key
        self.paused = self.missed = False
        self.persistent = request.channel.persistent

    def tell(self, event: bytes) -> None:
        if self.paused:
            self.missed = True
        else:
            self.request.write(event)

    # As a push producer of its connection (twisted.internet.interfaces.IPushProducer)

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False
        if self.missed:
            self.missed = False
            self.request.write(self.room.newest)

    def stopProducing(self) -> None:
        self.paused = True


class _LiveRoom:
    """A room that somebody looks at."""

    __slots__ = ("folder_id", "is_asking", "is_behind", "newest", "readers", "told", "watch")

    def __init__(self, folder_id: int, told: int) -> None:
        self.folder_id = folder_id
        self.told = told  # the last number that readers know of
        self.newest = _event(told, ())
        self.readers: set[_Reader] = set()
        self.is_asking = self.is_behind = False
        self.watch: Watch | None = None


class LiveRooms:
    """All open pages of a process."""

    def __init__(self, parts: WikiParts) -> None:
        self._parts = parts
        self._rooms: dict[int, _LiveRoom] = {}
        self._counts: dict[object, int] = {}
        self._readers = 0
        self._alive = LoopingCall(self._look)
        clock: Any = parts.database.clock
        self._alive.clock = clock
        self._seconds = 0.0

    @property
    def readers(self) -> int:
        """How many pages are open."""
        return self._readers

    async def stream(self, parts: WikiParts, request: WebRequest, name: str) -> Answer:
        """The events of a room. Raises RoomNotFound, SignInNeeded, TooManyReaders."""
        here = await room_here(parts, request, name)
        key: object = here.account_id if here.account_id is not None else network_of(request.peer_host)
        if self._readers >= MOST_READERS or self._counts.get(key, 0) >= MOST_OF_ONE:
            raise TooManyReaders
        folder_id = here.room.folder_id
        if folder_id not in self._rooms:
            high = (await parts.database.read(water_of, folder_id)).high
            if folder_id not in self._rooms:
                self._open(folder_id, high)
        room = self._rooms[folder_id]
        fields = {b"x-accel-buffering": b"no"}
        return Answer(
            200, b"", EVENT_STREAM, fields, cache=b"no-store", stream=lambda request: self._begin(request, room, key)
        )

    def _begin(self, request: WebRequest, room: _LiveRoom, key: object) -> None:
        if request.gone:
            return
        if request.method == b"HEAD":
            request.finish()
            return
        if room.folder_id not in self._rooms:  # the last reader has left in between
            self._open(room.folder_id, room.told)
            room = self._rooms[room.folder_id]
        reader = _Reader(request, room, key)
        room.readers.add(reader)
        self._counts[key] = self._counts.get(key, 0) + 1
        self._readers += 1
        request.notifyFinish().addBoth(lambda _reason: self._leave(reader))
        request.registerProducer(reader, True)
        request.write(_START + room.newest)
        if not self._alive.running:
            self._alive.start(LOOK_SECONDS, now=False)

    def _open(self, folder_id: int, high: int) -> None:
        room = self._rooms[folder_id] = _LiveRoom(folder_id, high)
        room.watch = self._parts.bus.watch(FOLDERS, folder_id, lambda _modseq: self._news(room))

    def _leave(self, reader: _Reader) -> None:
        room = reader.room
        if reader not in room.readers:
            return
        room.readers.discard(reader)
        self._readers -= 1
        left = self._counts[reader.key] - 1
        if left:
            self._counts[reader.key] = left
        else:
            del self._counts[reader.key]
        if not room.readers:
            if room.watch is not None:
                room.watch.stop()
            self._rooms.pop(room.folder_id, None)
        if not self._readers and self._alive.running:
            self._alive.stop()

    def _news(self, room: _LiveRoom) -> None:
        room.is_behind = True
        if not room.is_asking:
            room.is_asking = True
            spawn(self._tell(room), "telling what is new in a room")

    async def _tell(self, room: _LiveRoom) -> None:
        try:
            while room.is_behind and room.readers:
                room.is_behind = False
                try:
                    await self._parts.database.transact(place_in_threads, room.folder_id)
                    new = await self._parts.database.read(_new, room.folder_id, room.told)
                except DomainError:
                    return  # the bus wakes again, at the latest when it polls
                if not new:
                    continue
                room.told = new[0][0]
                room.newest = _event(room.told, new)
                turns = Turns(self._parts.database.clock)
                for reader in list(room.readers):
                    reader.tell(room.newest)
                    await turns.give_way()
        finally:
            room.is_asking = False

    def _look(self) -> None:
        """End the streams of a door that is being closed, and show proxies that the others are alive."""
        self._seconds += LOOK_SECONDS
        is_due = self._seconds >= ALIVE_SECONDS
        if is_due:
            self._seconds = 0.0
        for room in list(self._rooms.values()):
            for reader in list(room.readers):
                if reader.request.channel is None or reader.request.gone:
                    continue
                if reader.request.channel.persistent != reader.persistent:  # shared/runtime/draining_site.py
                    reader.request.unregisterProducer()
                    reader.request.finish()
                elif is_due:
                    reader.tell(_ALIVE)


def _new(tx: Transaction, folder_id: int, told: int) -> Sequence[tuple[int, int]]:
    """The newest first."""
    return [(uid, thread) for uid, thread in tx.rows(_NEW, (folder_id, told, MOST_NEW))]


def _event(high: int, new: Sequence[tuple[int, int]]) -> bytes:
    """Threads are told as text: JavaScript has no numbers of 64 bits."""
    data: dict[str, Any] = {"high": high, "new": [[uid, str(thread)] for uid, thread in reversed(new)]}
    return b"event: room\nid: %d\ndata: %b\n\n" % (high, json.dumps(data, separators=(",", ":")).encode())
