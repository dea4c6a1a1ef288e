"""Reads of what has changed in a folder, one for all the sessions that listen and know it as of the same position."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.changes import Changes, changes_since
from shared.folders.errors import ChangesForgotten
from shared.folders.open_folder import Snapshot, open_folder

ChangesOrAll = Changes | Snapshot


def read_changes(tx: Transaction, folder_id: int, modseq: int) -> ChangesOrAll:
    """What is new since a position; the whole folder where the change log does not reach back so far."""
    try:
        return changes_since(tx, folder_id, modseq)
    except ChangesForgotten:
        return open_folder(tx, folder_id)


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
        self._under_way: dict[tuple[int, int], _Read] = {}

    async def since(self, folder_id: int, modseq: int, heard: int) -> ChangesOrAll:
        """What is new since the position `modseq`, at least up to `heard`, which an event has said is committed.

        A read that began because of this event or a later one knows of it: its result is also this caller's, who must
        not change it. Raises FolderNotFound, StoreUnavailable.
        """
        key = folder_id, modseq
        waiting: Deferred[ChangesOrAll] = Deferred()
        read = self._under_way.get(key)
        if read is not None and read.heard >= heard:
            read.waiting.append(waiting)
        else:
            read = self._under_way[key] = _Read(heard, waiting)
            reading = self._database.read(read_changes, folder_id, modseq)
            Deferred.fromCoroutine(reading).addBoth(self._tell, key, read)
        return await waiting

    def _tell(self, outcome: ChangesOrAll | Failure, key: tuple[int, int], read: _Read) -> None:
        if self._under_way.get(key) is read:
            del self._under_way[key]
        for waiting in read.waiting:
            if not waiting.called:
                waiting.callback(outcome)  # a Failure becomes the errback
