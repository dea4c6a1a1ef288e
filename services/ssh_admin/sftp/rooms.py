"""`/rooms`: the rooms that an account reads, each an mbox file that can be read and nothing else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator

from services.ssh_admin.sftp.file_entry import FileEntry
from services.ssh_admin.sftp.page_store import account_now
from services.ssh_admin.sftp.places import MBOX, FilePlace
from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal, no_such_file, read_only
from services.ssh_admin.sftp.room_indexes import RoomIndex, RoomIndexes
from services.ssh_admin.sftp.wire import DIRECTORY, Attributes
from shared.accounts.account import Account
from shared.clock import utc_now
from shared.database.database import Database
from shared.rooms.directory import Directory
from shared.rooms.policy import may_read
from shared.rooms.reading.mbox import MboxArticle, mbox_octets, mbox_piece
from shared.rooms.room import Room

AT_ONCE = 100  # rooms whose sizes are asked for together
AT_ONCE_OCTETS = 256 << 10  # of messages that are read together


class RoomFiles:
    """The rooms as one account sees them."""

    def __init__(self, database: Database, directory: Directory, indexes: RoomIndexes, account: Account) -> None:
        self._database = database
        self._directory = directory
        self._indexes = indexes
        self._account = account
        self._now = int(utc_now().timestamp())
        self.directory = Attributes(0, DIRECTORY | 0o555, self._now, account.id)

    async def look(self, place: FilePlace) -> Attributes:
        """The attributes of the file, with its very size. Raises SftpRefusal."""
        room = await self._room(place)
        return self._file((await self._indexes.of(room.folder_id)).octets)

    async def open(self, place: FilePlace) -> RoomFile:
        """The room as it is now. Raises SftpRefusal."""
        room = await self._room(place)
        index = await self._indexes.of(room.folder_id)
        return RoomFile(self._database, index, self._file(index.octets))

    async def entries(self) -> AsyncIterator[FileEntry]:
        """All rooms that the account reads."""
        rooms = await self._directory.rooms()
        readable = rooms.readable_by(rooms.reader(await self._account_now()))
        for start in range(0, len(readable), AT_ONCE):
            some = readable[start : start + AT_ONCE]
            sizes = await self._indexes.sizes([room.folder_id for room in some])
            for room in some:
                if room.folder_id in sizes:
                    yield FileEntry(room.name + MBOX, self._file(sizes[room.folder_id]))

    async def _room(self, place: FilePlace) -> Room:
        rooms = await self._directory.rooms(place.name)
        room = rooms.by_name.get(place.name)
        if room is None or not may_read(room, rooms.reader(await self._account_now())):
            raise no_such_file()
        return room

    async def _account_now(self) -> Account:
        return await self._database.read(account_now, self._account.id)

    def _file(self, octets: int) -> Attributes:
        return Attributes(octets, 0o100444, self._now, self._account.id)


class RoomFile:
    """A room's file as of the moment at which it was opened. It holds a piece of it, of 1 MiB or little more."""

    def __init__(self, database: Database, index: RoomIndex, attributes: Attributes) -> None:
        self._database = database
        self._index = index
        self._attributes = attributes
        self._start = 0  # where the octets that are held begin in the file
        self._held = b""
        self._next: tuple[int, int] | None = None  # of an article in pieces: which, and the piece behind those held

    async def read(self, offset: int, length: int) -> bytes:
        """The octets there. Raises SftpRefusal if an article has gone meanwhile."""
        pieces: list[bytes] = []
        while length > 0 and offset < self._index.octets:
            if not self._start <= offset < self._start + len(self._held):
                await self._hold(offset)
            piece = self._held[offset - self._start : offset - self._start + length]
            pieces.append(piece)
            offset += len(piece)
            length -= len(piece)
        return b"".join(pieces)

    async def _hold(self, offset: int) -> None:
        at = bisect_right(self._index.ends, offset)
        start = self._index.ends[at - 1] if at else 0
        article = self._index.articles.article(at)
        if article.pieces > 1:
            await self._hold_piece(at, start, article, offset)
        else:
            await self._hold_articles(at, start)

    async def _hold_articles(self, at: int, start: int) -> None:
        """Some articles from this one on."""
        some: list[MboxArticle] = []
        octets = 0
        for number in range(at, len(self._index.ends)):
            article = self._index.articles.article(number)
            if article.pieces > 1 or (some and octets + article.octets > AT_ONCE_OCTETS):
                break
            some.append(article)
            octets += article.octets
        held = await self._database.read(mbox_octets, some)
        if len(held) != self._index.ends[at + len(some) - 1] - start:
            raise _changed()
        self._start, self._held, self._next = start, held, None

    async def _hold_piece(self, at: int, start: int, article: MboxArticle, offset: int) -> None:
        """The piece with `offset`: the one behind that is held, as a rule; else all from the article's beginning."""
        first = 0
        if self._next is not None and self._next[0] == at and offset >= self._start + len(self._held):
            first, start = self._next[1], self._start + len(self._held)
        for number in range(first, article.pieces):
            held = await self._database.read(mbox_piece, article, number)
            if not held:
                raise _changed()
            self._start, self._held, self._next = start, held, (at, number + 1)
            start += len(held)
            if offset < start:
                return
        raise _changed()

    def write(self, offset: int, data: bytes) -> None:
        """It cannot be written."""
        raise read_only()

    def truncate(self, size: int) -> None:
        """It cannot be written."""
        raise read_only()

    def attributes(self) -> Attributes:
        """As it was opened."""
        return self._attributes

    async def keep(self) -> None:
        """There is nothing to keep."""

    async def close(self) -> None:
        """Nothing is left."""

    async def drop(self) -> None:
        """Nothing is left."""


def _changed() -> SftpRefusal:
    return SftpRefusal(FAILURE, "an article has gone from the room meanwhile: open the file again")
