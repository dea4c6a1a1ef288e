"""Reads of what has changed in a folder, one for all the sessions that listen and know it as of the same position."""

from __future__ import annotations

from functools import partial

from services.mail_access.imap.mailbox import ChangesOrAll, Followed
from shared.database.database import Database
from shared.runtime.single_flight import SingleFlight

Key = tuple[tuple[int, int], int]  # the mailbox and the position that is asked about


class SharedChanges:
    """An event wakes all sessions that have the folder selected.

    If each of thirty read the changes itself, unpacking them thirty times would keep the reactor from all other
    clients.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reads: SingleFlight[Key, ChangesOrAll] = SingleFlight()

    async def since(self, followed: Followed, modseq: int, heard: int) -> ChangesOrAll:
        """What is new since the position `modseq`, at least up to `heard`, which an event has said is committed.

        A read that began because of this event or a later one knows of it: its result is also this caller's, who must
        not change it. Raises FolderNotFound, StoreUnavailable.
        """
        reading = partial(self._database.read, followed.changes, modseq)

        def knows_enough(heard_then: int) -> bool:
            return not followed.is_after(heard, heard_then)

        return await self._reads.ask((followed.key, modseq), reading, version=heard, joins=knows_enough)
