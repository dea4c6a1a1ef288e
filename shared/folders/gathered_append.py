"""Appending for everybody in a process: what comes while a commit is under way shares the next one."""

from __future__ import annotations

from shared.database.database import Database
from shared.database.gathering import Gathering
from shared.folders.append import Append, Appended, append_entries

FIXED_OCTETS = 1024  # what a message costs besides its octets, roughly: rows, indexes, Python objects


class GatheredAppend:
    """The one way in for new messages; a process has one of these, and its sessions share it."""

    def __init__(self, database: Database) -> None:
        self._gathering: Gathering[Append, Appended] = Gathering(database, append_entries, weigh=_weigh)
        self._free_space = database.free_space

    async def append(self, item: Append) -> Appended:
        """Keep the message. Once this returns it is committed, and those who watch its folders are told.

        Raises what append_entries() says of the item, StoreFull, StoreUnavailable, StatementTimedOut.
        """
        self._free_space.check()
        return await self._gathering.submit(item)

    async def close(self) -> None:
        """Take nothing more; return when all that was taken is committed."""
        await self._gathering.close()


def _weigh(item: Append) -> int:
    return FIXED_OCTETS + len(item.message.octets)
