"""The rooms as a process knows them, so that no command needs to ask the store for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta

from twisted.logger import Logger

from shared.accounts.account import Account
from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.rooms.channel import ROOMS_NEWS
from shared.rooms.errors import RoomNotFound
from shared.rooms.list_rooms import list_moderating, list_rooms
from shared.rooms.policy import may_read
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import Room
from shared.runtime.single_flight import SingleFlight

LOOK_AGAIN = timedelta(seconds=1)  # for a name that is not known; a client may ask for any number of them
READ_AGAIN = timedelta(seconds=30)  # should news of a change be lost


@dataclass(frozen=True, slots=True)
class Rooms:
    """All rooms as of one moment."""

    by_name: Mapping[str, Room]  # in the order of the names
    by_id: Mapping[int, Room]
    moderating: Mapping[int, Set[int]]  # by account, the rooms that it was made a moderator of

    def named(self, name: str) -> Room:
        """Raises RoomNotFound."""
        room = self.by_name.get(name)
        if room is None:
            raise RoomNotFound(name)
        return room

    def reader(self, account: Account | None) -> Reader:
        """The account, or a stranger, with what it moderates."""
        return STRANGER if account is None else Reader(account, self.moderating.get(account.id, frozenset()))

    def readable_by(self, reader: Reader) -> Sequence[Room]:
        """The rooms that are there for this reader, by name."""
        return [room for room in self.by_name.values() if may_read(room, reader)]


class Directory:
    """Read at first use, and anew when a room has changed, or after READ_AGAIN."""

    _log = Logger()

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._watch: Watch | None = None
        self._rooms: Rooms | None = None
        self._fresh_until = 0.0
        self._version = 0  # counts changes, so that a read that began before a change is not taken for the newest
        self._looked_at = -LOOK_AGAIN.total_seconds()
        self._reads: SingleFlight[None, None] = SingleFlight()

    async def rooms(self, *names: str) -> Rooms:
        """All rooms; while the store is away those of the last read. Raises StoreUnavailable if there was none.

        They are read again if one of `names` is not among them: news of a room just made may still be on its way.
        """
        if names and self._rooms is not None and not all(name in self._rooms.by_name for name in names):
            self._look_again()
        while self._rooms is None or self._database.clock.seconds() >= self._fresh_until:
            await self._reads.ask(None, self._read)
        return self._rooms

    @property
    def known(self) -> Rooms | None:
        """The rooms as they were read last; None before the first time."""
        return self._rooms

    def close(self) -> None:
        """Watch no more."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None

    async def _read(self) -> None:
        if self._watch is None:
            self._watch = self._bus.watch(ROOMS_NEWS, EVERYTHING, lambda _position: self._forget())
        version = self._version
        try:
            rooms = await self._database.read_snapshot(read_rooms)
        except (StoreUnavailable, StatementTimedOut) as error:
            if self._rooms is None:
                raise
            self._log.warn("rooms could not be read again: {reason}", reason=repr(error))
            self._fresh_until = self._database.clock.seconds() + 1  # those that are known, for a second more
        else:
            self._rooms = rooms
            if version == self._version:
                self._fresh_until = self._database.clock.seconds() + READ_AGAIN.total_seconds()

    def _look_again(self) -> None:
        """For who asks for rooms that there are none of, in any number, only so often."""
        now = self._database.clock.seconds()
        if now - self._looked_at >= LOOK_AGAIN.total_seconds():
            self._looked_at = now
            self._forget()

    def _forget(self) -> None:
        self._version += 1
        self._fresh_until = 0.0


def read_rooms(tx: Transaction) -> Rooms:
    """All rooms and moderators."""
    rooms = list_rooms(tx)
    return Rooms({room.name: room for room in rooms}, {room.folder_id: room for room in rooms}, list_moderating(tx))
