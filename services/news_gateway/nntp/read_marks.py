"""Marks of what members read by NNTP: ARTICLE and BODY mark an article as seen behind every door.

Readers take hundreds of articles a second: what is read within SECONDS is marked in one transaction for each account
and room. Should a process be killed meanwhile, that much is not marked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from shared.clock import Call, Clock
from shared.database.database import Database
from shared.folders.flags import SEEN
from shared.rooms.marks.set_marks import set_marks
from shared.runtime.spawn import spawn

SECONDS = 0.5  # soon enough for somebody who looks at another program next
MOST_ARTICLES = 10_000  # that wait to be marked, for all accounts; more are marked at once


class ReadMarks:
    """One for each process."""

    def __init__(self, database: Database, clock: Clock, before_closing: list[Callable[[], Awaitable[None]]]) -> None:
        self._database = database
        self._clock = clock
        self._read: dict[tuple[int, int], set[int]] = {}  # numbers, by account and room
        self._articles = 0
        self._call: Call | None = None
        before_closing.append(self.write)

    def add(self, account_id: int, folder_id: int, number: int) -> None:
        """The account has read the article."""
        self._read.setdefault((account_id, folder_id), set()).add(number)
        self._articles += 1
        if self._articles >= MOST_ARTICLES:
            self._begin()
        elif self._call is None:
            self._call = self._clock.callLater(SECONDS, self._begin)

    async def write(self) -> None:
        """Mark all that waits. What cannot be marked is given up: it is marked when it is read again."""
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None
        read, self._read, self._articles = self._read, {}, 0
        for (account_id, folder_id), numbers in read.items():
            marking = self._database.transact(set_marks, account_id, folder_id, numbers, "add", SEEN)
            await spawn(marking, "marking what was read")

    def _begin(self) -> None:
        spawn(self.write(), "marking what was read")
