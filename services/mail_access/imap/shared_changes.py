"""Reads of what has changed in a folder, one for all the sessions that listen and know it as of the same position."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from services.mail_access.imap.mailbox import ChangesOrAll, Mailbox
from shared.database.database import Database

Key = tuple[tuple[int, int], int]  # the mailbox and the position that is asked about


class _Read:
    """A read that is under way, and the callers that wait for its result."""

    __slots__ = ("heard", "waiting")

    def __init__(self, heard: int, waiting: Deferred[ChangesOrAll]) -> None:
        self.heard = heard
        self.waiting = [waiting]


class SharedChanges:
    """An event wakes all sessions that have the folder selected.

    If each of thirty read the changes itself, unpacking them thirty times would keep the reactor from all other
    clients.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._under_way: dict[Key, _Read] = {}

    async def since(self, mailbox: Mailbox, modseq: int, heard: int) -> ChangesOrAll:
        """What is new since the position `modseq`, at least up to `heard`, which an event has said is committed.

        A read that began because of this event or a later one knows of it: its result is also this caller's, who must
        not change it. Raises FolderNotFound, StoreUnavailable.
        """
        key = mailbox.key, modseq
        waiting: Deferred[ChangesOrAll] = Deferred()
        read = self._under_way.get(key)
        if read is not None and not mailbox.is_after(heard, read.heard):
            read.waiting.append(waiting)
        else:
            read = self._under_way[key] = _Read(heard, waiting)
            reading = self._database.read(mailbox.changes, modseq)
            Deferred.fromCoroutine(reading).addBoth(self._tell, key, read)
        return await waiting

    def _tell(self, outcome: ChangesOrAll | Failure, key: Key, read: _Read) -> None:
        if self._under_way.get(key) is read:
            del self._under_way[key]
        for waiting in read.waiting:
            if not waiting.called:
                waiting.callback(outcome)  # a Failure becomes the errback
