"""A mailbox of the account's own: a folder, whose flags and positions are those that the session tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.mail_access.imap.flag_sets import FlagSets
from services.mail_access.imap.mailbox import ChangesOrAll, Heard, Opened, Shared
from services.mail_access.imap.parts import ImapParts
from shared.database.transaction import Transaction
from shared.folders.changes import changes_since
from shared.folders.channel import FOLDERS
from shared.folders.copy_entries import Copied, copy_entries
from shared.folders.errors import ChangesForgotten, FolderNotFound
from shared.folders.expunge import expunge
from shared.folders.find_folders import find_folder
from shared.folders.folder import Folder, FolderId
from shared.folders.lock import selectable
from shared.folders.modseqs import Modseqs, modseqs_of
from shared.folders.move_entries import move_entries
from shared.folders.open_folder import Snapshot, open_folder
from shared.folders.recent import claim_recent, told_below
from shared.folders.store_flags import Action, Stored, store_flags


class OwnMailbox:
    """The account's folder of that name; `folder_id` is known once it is open."""

    __slots__ = ("_account_id", "_name", "_parts", "folder_id")

    may_expunge = True

    def __init__(self, parts: ImapParts, account_id: int, name: str) -> None:
        self._parts = parts
        self._account_id = account_id
        self._name = name
        self.folder_id = FolderId(0)

    @property
    def key(self) -> tuple[int, int]:
        return self.folder_id, 0

    async def open(self, heard: Heard, read_only: bool) -> Opened:
        """Watched before it is read if its id is known, lest there be more to look at."""
        parts, name_key = self._parts, (self._account_id, self._name)
        hint = parts.folder_ids.get(name_key)
        watch = None if hint is None else parts.bus.watch(FOLDERS, hint, heard)
        try:
            snapshot, recent_from = await parts.database.read(self._read, hint)
            folder = snapshot.folder
            if recent_from < folder.uidnext and not read_only:  # EXAMINE leaves them to others (RFC 3501 §6.3.2)
                recent_from = await parts.database.transact(claim_recent, folder.id, folder.uidnext)
        except BaseException:
            if watch is not None:
                watch.stop()
            raise
        self.folder_id = folder.id
        if watch is not None and folder.id == hint:
            return Opened(snapshot, recent_from, [watch], may_have_missed=False)
        if watch is not None:  # the mailbox is another one than when it was last selected
            watch.stop()
        parts.folder_ids.drop(name_key)
        parts.folder_ids.put(name_key, folder.id)
        return Opened(snapshot, recent_from, [parts.bus.watch(FOLDERS, folder.id, heard)], may_have_missed=True)

    def _read(self, tx: Transaction, hint: FolderId | None) -> tuple[Snapshot, int]:
        """The folder, and the first UID that is recent in it. `hint` is where it was when it was last asked for."""
        snapshot = self._at(tx, hint) or open_folder(tx, find_folder(tx, self._account_id, self._name).id)
        uidnext = snapshot.folder.uidnext
        return snapshot, told_below(tx, snapshot.folder.id) if snapshot.uids else uidnext

    def _at(self, tx: Transaction, hint: FolderId | None) -> Snapshot | None:
        if hint is None:
            return None
        try:
            snapshot = open_folder(tx, hint)
        except FolderNotFound:
            return None
        folder = snapshot.folder
        return snapshot if (folder.account_id, folder.name) == (self._account_id, self._name) else None

    async def claim_recent(self, uidnext: int, read_only: bool) -> int:
        database = self._parts.database
        if read_only:
            return await database.read(told_below, self.folder_id)
        return await database.transact(claim_recent, self.folder_id, uidnext)

    def status(self, tx: Transaction) -> Folder:
        return selectable(find_folder(tx, self._account_id, self._name))

    def changes(self, tx: Transaction, known: int) -> ChangesOrAll:
        try:
            return changes_since(tx, self.folder_id, known)
        except ChangesForgotten:
            return open_folder(tx, self.folder_id)

    async def news(self, shared: Shared, known: int, heard: int, uidnext: int) -> ChangesOrAll:
        return await shared.since(self, known, heard)

    def modseqs(self, tx: Transaction, first_uid: int, last_uid: int) -> Modseqs:
        return modseqs_of(tx, self.folder_id, first_uid, last_uid)

    def store(
        self,
        tx: Transaction,
        uids: Iterable[int],
        action: Action,
        flags: int,
        keywords: Sequence[str] = (),
        unchanged_since: int | None = None,
    ) -> Stored:
        return store_flags(tx, self.folder_id, uids, action, flags, keywords, unchanged_since)

    def expunge(self, tx: Transaction, uids: Iterable[int] | None = None) -> None:
        expunge(tx, self.folder_id, uids)

    def copy(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        return copy_entries(tx, self.folder_id, target_id, uids)

    def move(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        moved = move_entries(tx, self.folder_id, target_id, uids)
        return Copied(moved.uidvalidity, moved.uids, moved.new_uids)

    def applicable(self, flag_sets: FlagSets) -> bytes:
        return flag_sets.applicable()

    def permanent(self, flag_sets: FlagSets) -> bytes:
        return flag_sets.permanent()

    def is_after(self, changed: int, known: int) -> bool:
        return changed > known

    def joined(self, one: int, other: int) -> int:
        return max(one, other)

    def before(self, modseq: int) -> int:
        return modseq - 1

    def changed_after(self, items: Sequence[int], modseqs: Iterable[int], known: int) -> list[int]:
        return [item for item, modseq in zip(items, modseqs, strict=True) if modseq > known]
