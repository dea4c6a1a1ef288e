"""The poster of a process: changes of pages are posted soon after they were committed, and comments noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.folders.channel import FOLDERS
from shared.rooms.directory import Directory
from shared.runtime.after_quiet import AfterQuiet
from shared.runtime.until_quiet import UntilQuiet
from shared.wiki.changes_room.change_message import ChangeNames
from shared.wiki.changes_room.comments import are_noted, note_comments
from shared.wiki.changes_room.post_changes import forget_changes, is_waiting, post_changes
from shared.wiki.changes_room.room import CHANGES
from shared.wiki.channel import PAGE_CHANNEL
from shared.wiki.policy import WikiPolicy

LOOK_EVERY = timedelta(seconds=10)  # should news be lost, or another process die
# Saves that come in a stream are posted behind it: one of a hundred costs a fifth of what one of four does.
QUIET_SECONDS, LONGEST_SECONDS = 0.3, 2.0


class ChangesPoster:
    """One for each process; of several that look, one posts at a time."""

    _log = Logger()

    def __init__(
        self,
        database: Database,
        bus: Bus,
        directory: Directory,
        names: ChangeNames,
        policy: WikiPolicy,
        reactor: Any,
        now: Callable[[], datetime],
        *,
        is_wanted: bool = True,
    ) -> None:
        """`is_wanted` false: there is no such room, and what waits is forgotten. `now` gives aware times."""
        self._database = database
        self._bus = bus
        self._directory = directory
        self._names = names
        self._policy = policy
        self._now = now
        self._is_wanted = is_wanted
        self._is_closed = False
        self._room: tuple[int, Watch] | None = None
        self._looking = UntilQuiet(self._look, "posting the wiki's changes")
        self._soon = AfterQuiet(reactor, QUIET_SECONDS, LONGEST_SECONDS, self._looking.look)
        self._watch = bus.watch(PAGE_CHANNEL, EVERYTHING, self._hear) if is_wanted else None
        self._looks = LoopingCall(self._looking.look)
        self._looks.clock = reactor
        self._looks.start(LOOK_EVERY.total_seconds(), now=True)

    async def close(self) -> None:
        """Begin nothing more; what waits is posted by another process, or the next one."""
        self._is_closed = True
        self._looks.stop()
        if self._watch is not None:
            self._watch.stop()
        if self._room is not None:
            self._room[1].stop()
        self._soon.cancel()

    def _hear(self, _position: int | None) -> None:
        if not self._is_closed:
            self._soon.hear()

    async def _look(self) -> None:
        """Raises the store's errors: the next look is soon."""
        database = self._database
        if self._is_closed:
            return
        if not self._is_wanted:
            if await database.read(is_waiting):
                await database.transact(forget_changes)
            return
        try:
            while not self._is_closed and await database.read(is_waiting):
                database.free_space.check()
                if not await database.transact(post_changes, self._names, self._policy, self._now()):
                    break
            await self._watch_room()
            if not self._is_closed and not await database.read(are_noted):
                while not self._is_closed and not await database.transact(note_comments):
                    pass
        except DomainError as error:
            self._log.warn("the wiki's changes are not posted now: {reason}", reason=repr(error))

    async def _watch_room(self) -> None:
        """Comments come to the room; it may be made, and deleted, at any time."""
        room = (await self._directory.rooms()).by_name.get(CHANGES)
        folder_id = None if room is None else room.folder_id
        if self._room is not None and self._room[0] != folder_id:
            self._room[1].stop()
            self._room = None
        if self._room is None and folder_id is not None and not self._is_closed:
            self._room = folder_id, self._bus.watch(FOLDERS, folder_id, self._hear)
