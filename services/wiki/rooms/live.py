"""Live updates of rooms: events that tell the numbers of the newest messages.

A page knows up to which number it has messages; an event has the numbers before, too, for pages that are older than the
stream. It carries numbers alone; the page that shows them asks again, with the rights that its reader has then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.wiki.live.subject import LiveSubject, event_of
from services.wiki.parts import WikiParts
from services.wiki.rooms.here import room_here
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from services.wiki.visitor import live_key
from shared.database.transaction import Transaction
from shared.events.watches import Watch
from shared.folders.channel import FOLDERS
from shared.rooms.posts.place_in_threads import place_in_threads

MOST_NEW = 50  # numbers in an event, 30 octets each; a page that is behind further says only that there is more
_NEWEST = "SELECT uid, thread FROM thread_place WHERE folder_id = %s ORDER BY uid DESC LIMIT %s"


class LiveRoom(LiveSubject):
    """One room."""

    def __init__(self, parts: WikiParts, folder_id: int) -> None:
        super().__init__(_event(0, ()))
        self._parts, self._folder_id = parts, folder_id
        self._told = 0  # the last number that readers know of

    def watch_with(self, call: Callable[[int | None], None]) -> Watch:
        """Told of every change of the room's folder."""
        return self._parts.bus.watch(FOLDERS, self._folder_id, call)

    async def ask(self) -> bytes | None:
        """The newest messages, once they are in their threads."""
        await self._parts.database.transact(place_in_threads, self._folder_id)
        return await self.newest_in_threads()

    async def newest_in_threads(self) -> bytes | None:
        """An event of the newest messages that are in their threads; None if readers know of them."""
        newest = await self._parts.database.read(_newest, self._folder_id)
        if not newest or newest[0][0] <= self._told:
            return None
        self._told = newest[0][0]
        return _event(self._told, newest)


async def stream_room(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The events of a room. Raises RoomNotFound, SignInNeeded, TooManyReaders."""
    here = await room_here(parts, request, name)
    folder_id = here.room.folder_id

    async def room() -> LiveRoom:
        subject = LiveRoom(parts, folder_id)
        subject.newest = await subject.newest_in_threads() or subject.newest
        return subject

    return await parts.live.answer(live_key(here.visitor), ("room", folder_id), room)


def _newest(tx: Transaction, folder_id: int) -> Sequence[tuple[int, int]]:
    """The newest first."""
    return [(uid, thread) for uid, thread in tx.rows(_NEWEST, (folder_id, MOST_NEW))]


def _event(high: int, newest: Sequence[tuple[int, int]]) -> bytes:
    return event_of("room", high, {"high": high, "new": [[uid, str(thread)] for uid, thread in reversed(newest)]})
