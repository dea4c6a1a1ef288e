"""Keeping the index of articles up with the rooms, behind whoever posts and searches; one for each process."""

from __future__ import annotations

from shared.database.database import Database
from shared.rooms.search.index_articles import index_articles, rooms_behind
from shared.runtime.spawn import spawn

SEARCH_WAITS_SECONDS = 0.3  # for articles that came lately: some hundred


class ArticleIndexing:
    """Several processes may do it at once: each takes rooms that no other is at."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._goes_on = False

    async def catch_up(self, seconds: float = SEARCH_WAITS_SECONDS) -> bool:
        """Index for so long; whether everything is indexed then. What is left is done behind the answer.

        Raises StoreUnavailable, StatementTimedOut.
        """
        until = self._database.clock.seconds() + seconds
        behind = await self._database.read(rooms_behind)
        if not behind:
            return True
        for folder_id in behind:
            while not await self._database.transact(index_articles, folder_id):
                if self._database.clock.seconds() > until:
                    spawn(self.go_on(), "indexing articles")
                    return False
        return not await self._database.read(rooms_behind)

    async def go_on(self) -> None:
        """Index all that is behind; nothing where this process does so already."""
        if self._goes_on:
            return
        self._goes_on = True
        try:
            for folder_id in await self._database.read(rooms_behind):
                while not await self._database.transact(index_articles, folder_id):
                    pass
        finally:
            self._goes_on = False
