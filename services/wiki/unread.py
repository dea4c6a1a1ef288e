"""How many messages of all rooms a member has not seen: the number in the header of every page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.accounts.account import Account
from shared.bounded_cache import ENTRY_OCTETS, BoundedCache
from shared.database.database import Database
from shared.database.errors import StatementTimedOut, StoreUnavailable
from shared.database.transaction import Transaction
from shared.rooms.directory import Directory
from shared.rooms.marks.view import folders_as_seen
from shared.rooms.room import Room
from shared.runtime.single_flight import SingleFlight

FRESH_SECONDS = 10.0  # what is read behind another door is counted as read this much later at most
CACHE_OCTETS = 1 << 20  # some thousand members


class _Known(NamedTuple):
    unread: int
    until: float


class UnreadCounts:
    """One for each process: one statement for each member who looks at pages, every FRESH_SECONDS at most."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory
        self._known: BoundedCache[int, _Known] = BoundedCache(CACHE_OCTETS, lambda _known: ENTRY_OCTETS)
        self._asking: SingleFlight[int, int] = SingleFlight()
        self._changes = 0  # counts what was marked here; a count that began before is not remembered

    async def of(self, account: Account) -> int:
        """While the store is away, the last number that is known. Never raises."""
        known = self._known.get(account.id)
        now = self._database.clock.seconds()
        if known is not None and now < known.until:
            return known.unread
        changes = self._changes
        try:
            count = await self._asking.ask(
                account.id, lambda: self._count(account), version=changes, joins=lambda asked: asked == changes
            )
        except (StoreUnavailable, StatementTimedOut):
            count = 0 if known is None else known.unread
        if changes == self._changes:
            self._known.drop(account.id)
            self._known.put(account.id, _Known(count, now + FRESH_SECONDS))
        return count

    def remembered(self, account: Account) -> int:
        """The last number that is known, without asking: for a page that a form gives back."""
        known = self._known.get(account.id)
        return 0 if known is None else known.unread

    def forget(self, account_id: int) -> None:
        """The member has marked something here: the next page has the new number."""
        self._changes += 1
        self._known.drop(account_id)

    async def _count(self, account: Account) -> int:
        rooms = await self._directory.rooms()
        readable = rooms.readable_by(rooms.reader(account))
        folder_ids = [room.folder_id for room in readable if is_counted(room)]
        return await self._database.read(_unread, account.id, folder_ids) if folder_ids else 0


def is_counted(room: Room) -> bool:
    """Whether the number in the header has the room: not one that a program fills with each change of a page."""
    return not room.replies_only


def _unread(tx: Transaction, account_id: int, folder_ids: Sequence[int]) -> int:
    return sum(folder.unseen or 0 for folder in folders_as_seen(tx, account_id, folder_ids).values())
