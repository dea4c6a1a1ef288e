"""The growth of folders within one transaction: the next numbers, the counters, and the owner's room that is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound, QuotaExceeded
from shared.folders.flags import SEEN
from shared.folders.folder import COLUMNS, Folder, folder_and_rest
from shared.folders.keywords import ensure_keywords, keywords_of
from shared.folders.lock import selectable
from shared.folders.packed import array_literal
from shared.folders.quota import octets_left

# Ids for the messages are taken in the statement that locks, and so cost no round trip of their own.
_LOCK = Prepared(
    f"""
    SELECT {COLUMNS},
           (SELECT quota_octets FROM account WHERE account.id = folder.account_id),
           (SELECT string_agg(nextval('message_id_seq')::text, ',') FROM generate_series(1, %s))
    FROM folder WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
)

# id, uidnext, highest_modseq, messages, unseen, octets: as the row shall be
Counters = tuple[int, int, int, int, int, int]


class _Growing:
    """A locked folder and what comes into it; all that comes in one transaction shares one modseq."""

    __slots__ = ("folder", "keywords", "keywords_given", "messages", "octets", "unseen")

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.keywords: dict[int, str] | None = None  # read when they are first needed
        self.keywords_given = 0  # keyword bits of entries that are not written yet
        self.messages = self.unseen = self.octets = 0


class Growth:
    """Folders locked by a transaction, and what it puts into them."""

    def __init__(self, tx: Transaction, folders: Iterable[Folder], quota_accounts: Iterable[int]) -> None:
        self._tx = tx
        self._growing: dict[int, _Growing] = {folder.id: _Growing(folder) for folder in folders}
        self._left = octets_left(tx, set(quota_accounts))

    def admit(self, folder_id: int, size_octets: int, keywords: Sequence[str], *, over_quota: bool = False) -> int:
        """Take `size_octets` off what the folder's owner has left; returns the keywords' bits in that folder.

        Raises FolderNotFound, FolderNotSelectable, QuotaExceeded, BadKeyword, TooManyKeywords; then nothing is taken.
        """
        growing = self._growing.get(folder_id)
        if growing is None:
            raise FolderNotFound
        account_id = selectable(growing.folder).account_id
        left = self._left.get(account_id) if account_id is not None else None
        if left is not None and left < (1 if over_quota else size_octets):
            raise QuotaExceeded
        mask = 0
        if keywords:
            if growing.keywords is None:
                growing.keywords = keywords_of(self._tx, folder_id)
            mask = ensure_keywords(self._tx, folder_id, growing.keywords, keywords, growing.keywords_given)
            growing.keywords_given |= mask
        if left is not None and account_id is not None:
            self._left[account_id] = left - size_octets
        return mask

    def dismiss(self, folder_id: int, size_octets: int) -> None:
        """Give back what admit() took."""
        account_id = self._growing[folder_id].folder.account_id
        if account_id in self._left:
            self._left[account_id] += size_octets

    def add(self, folder_id: int, size_octets: int, flags: int) -> tuple[Folder, int, int]:
        """Number what was admitted: the folder as it was, the UID, the modseq."""
        growing = self._growing[folder_id]
        folder = growing.folder
        uid = folder.uidnext + growing.messages
        growing.messages += 1
        growing.octets += size_octets
        if not flags & SEEN:
            growing.unseen += 1
        return folder, uid, folder.highest_modseq + 1

    def grown(self) -> list[Counters]:
        """The rows of the folders that something was added to."""
        return [
            (
                growing.folder.id,
                growing.folder.uidnext + growing.messages,
                growing.folder.highest_modseq + 1,
                growing.folder.messages + growing.messages,
                growing.folder.unseen + growing.unseen,
                growing.folder.octets + growing.octets,
            )
            for growing in self._growing.values()
            if growing.messages
        ]


def lock_for_growth(tx: Transaction, folder_ids: Iterable[int], messages: int) -> tuple[Growth, Sequence[int]]:
    """Lock the folders in the order of their ids; with them ids for so many new messages.

    If none of the folders exists, all ids are 0 and must not be used.
    """
    rows = tx.rows(_LOCK, (messages, array_literal(folder_ids)))
    folders: list[Folder] = []
    quota_accounts: list[int] = []
    ids = ""
    for row in rows:
        folder, (quota_octets, ids) = folder_and_rest(row)  # each row has the same ids: they are read once
        folders.append(folder)
        if quota_octets is not None and folder.account_id is not None:
            quota_accounts.append(folder.account_id)
    message_ids = [int(each) for each in ids.split(",")] if ids else [0] * messages
    return Growth(tx, folders, quota_accounts), message_ids
