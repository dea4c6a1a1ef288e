"""Gathered reads: pages that are asked for while the store is asked are asked for together, in the next trip to it.

A call that comes alone waits for nobody. Each read begins after it was asked for, so that everyone sees what was
committed before.
"""

from __future__ import annotations

from collections.abc import Sequence

from twisted.internet.defer import Deferred

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.runtime.spawn import spawn
from shared.wiki.page import Page
from shared.wiki.read_page import read_page

MOST_TOGETHER = 64  # some milliseconds; the rest goes into the trip after


class GatheredReads:
    """Reads the newest revisions of pages; one for each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, list[Deferred[Page | DomainError]]] = {}
        self._is_asking = False

    async def read(self, name: str) -> Page:
        """The page of that canonical name. Raises PageNotFound, StoreUnavailable, StatementTimedOut."""
        answer: Deferred[Page | DomainError] = Deferred()
        self._waiting.setdefault(name, []).append(answer)
        if not self._is_asking:
            self._is_asking = True
            spawn(self._ask(), "reading pages")
        found = await answer
        if isinstance(found, DomainError):
            raise found
        return found

    async def _ask(self) -> None:
        try:
            while self._waiting:
                names = list(self._waiting)[:MOST_TOGETHER]
                waiting = {name: self._waiting.pop(name) for name in names}
                try:
                    found = await self._database.read(_read_all, names)
                except DomainError as error:
                    found = [error] * len(names)
                except Exception as bug:
                    for answer in (each for answers in waiting.values() for each in answers):
                        answer.errback(bug)
                    raise
                for name, page in zip(names, found, strict=True):
                    for answer in waiting[name]:
                        answer.callback(page)
        finally:
            self._is_asking = False


def _read_all(tx: Transaction, names: Sequence[str]) -> list[Page | DomainError]:
    found: list[Page | DomainError] = []
    for name in names:
        try:
            found.append(read_page(tx, name))
        except DomainError as error:
            found.append(error)
    return found
