r"""A room as a mailbox: its articles are the messages, and the account's marks are their flags.

\Deleted is for moderators, and what carries it is cancelled by EXPUNGE. No message is recent: who was the first of a
thousand readers to be told of an article says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from twisted.internet.defer import Deferred

from services.mail_access.imap.flag_sets import FlagSets
from services.mail_access.imap.mailbox import ChangesOrAll, Heard, Opened, Shared
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.response import Refused, no
from services.mail_access.imap.values.flags import ANSWERED, DELETED, FLAGGED, SEEN, SYSTEM_FLAGS
from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.events.channel import EVERYTHING
from shared.events.watches import OnNews
from shared.folders.changes import Changes, changes_since
from shared.folders.channel import FOLDERS
from shared.folders.copy_entries import Copied
from shared.folders.errors import ChangesForgotten, FolderNotFound
from shared.folders.folder import Folder
from shared.folders.modseqs import Modseqs
from shared.folders.store_flags import Action, Stored
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.cancels.cancel_marked import cancel_marked
from shared.rooms.channel import MARKS, ROOMS_NEWS, marks_key
from shared.rooms.marks.position import before, is_after, joined, parts, position
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.marks.view import changes_in_room, folder_as_seen, modseqs_in_room, open_room, unmarked
from shared.rooms.policy import may_read
from shared.rooms.posts.copy_articles import copy_articles
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import Room

_READERS_FLAGS = SEEN | FLAGGED | ANSWERED
_NOT_KEPT = no(b"a room keeps none of these flags", code=b"NOPERM")
_MODERATORS_ONLY = no(b"only moderators remove messages from a room", code=b"NOPERM")


class RoomMailbox:
    """The room as `account` sees it, as long as it may."""

    __slots__ = ("_account", "_parts", "room")

    def __init__(self, parts: ImapParts, account: Account, room: Room) -> None:
        self._parts = parts
        self._account = account
        self.room = room

    @property
    def key(self) -> tuple[int, int]:
        return self.room.folder_id, self._account.id

    @property
    def reader(self) -> Reader:
        """The account, with what it moderates as this process knows it."""
        known = self._parts.rooms.known
        return STRANGER if known is None else known.reader(self._account)

    @property
    def may_expunge(self) -> bool:
        return self.reader.is_moderator_of(self.room.folder_id)

    @property
    def kept_flags(self) -> int:
        """The flags that are kept for this account."""
        return _READERS_FLAGS | DELETED if self.may_expunge else _READERS_FLAGS

    async def open(self, heard: Heard, read_only: bool) -> Opened:
        await self._parts.overdue.wait_for(self.room)
        folder_id, account_id = self.room.folder_id, self._account.id
        bus = self._parts.bus
        watches = [
            bus.watch(FOLDERS, folder_id, _at_position(heard, lambda modseq: position(modseq, 0))),
            bus.watch(MARKS, marks_key(account_id, folder_id), _at_position(heard, lambda modseq: position(0, modseq))),
            bus.watch(ROOMS_NEWS, EVERYTHING, lambda _: self._hear_of_policies(heard)),
        ]
        try:
            snapshot = await self._parts.database.read(open_room, account_id, folder_id)
        except BaseException:
            for watch in watches:
                watch.stop()
            raise
        return Opened(snapshot, snapshot.folder.uidnext, watches, may_have_missed=False)

    def _hear_of_policies(self, heard: Heard) -> None:
        """Once this process knows the room's policy anew, the session looks whether the room is still there."""
        reading = Deferred.fromCoroutine(self._parts.rooms.rooms())
        reading.addBoth(lambda _known_or_failure: heard(None))  # without the store the session will say so itself

    async def claim_recent(self, uidnext: int, read_only: bool) -> int:
        return uidnext

    def status(self, tx: Transaction) -> Folder:
        return folder_as_seen(tx, self._account.id, self.room.folder_id)

    def _check_may_read(self) -> None:
        """Raises FolderNotFound when the account may not read the room any more."""
        rooms = self._parts.rooms.known
        room = None if rooms is None else rooms.by_id.get(self.room.folder_id, self.room)
        if room is not None and not may_read(room, self.reader):
            raise FolderNotFound

    async def news(self, shared: Shared, known: int, heard: int, uidnext: int) -> ChangesOrAll:
        """New posts are read once for all accounts that listen: nobody has marked them yet whose mark was not heard."""
        folder_modseq, mark_modseq = parts(known)
        heard_folder, heard_mark = parts(heard)
        if heard_mark <= mark_modseq:
            self._check_may_read()
            posts = await shared.since(RoomPosts(self.room.folder_id), folder_modseq, heard_folder)
            if isinstance(posts, Changes) and (not posts.uids or posts.uids[0] >= uidnext):  # else one was put back
                return unmarked(posts, mark_modseq)
        return await shared.since(self, known, heard)

    def changes(self, tx: Transaction, known: int) -> ChangesOrAll:
        """Raises FolderNotFound also when the account may not read the room any more."""
        self._check_may_read()
        try:
            return changes_in_room(tx, self._account.id, self.room.folder_id, known)
        except ChangesForgotten:
            return open_room(tx, self._account.id, self.room.folder_id)

    def modseqs(self, tx: Transaction, first_uid: int, last_uid: int) -> Modseqs:
        return modseqs_in_room(tx, self._account.id, self.room.folder_id, first_uid, last_uid)

    def store(
        self,
        tx: Transaction,
        uids: Iterable[int],
        action: Action,
        flags: int,
        keywords: Sequence[str] = (),
        unchanged_since: int | None = None,
    ) -> Stored:
        """What is not kept is passed over, as RFC 3501 §7.1 says of PERMANENTFLAGS, unless it is all that was asked."""
        kept = flags & self.kept_flags
        if not kept and (flags or keywords):
            raise Refused(_NOT_KEPT)
        return set_marks(tx, self._account.id, self.room.folder_id, uids, action, kept, unchanged_since)

    def expunge(self, tx: Transaction, uids: Iterable[int] | None = None) -> None:
        """What goes is cancelled, and may be put back for 30 days (shared/rooms/cancels/undo_cancel.py)."""
        self._check_may_expunge()
        cancel_marked(tx, self._account.id, self.room.folder_id, uids)

    def copy(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        return copy_articles(tx, self._account.id, self.room.folder_id, target_id, uids)

    def move(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        self._check_may_expunge()
        copied = self.copy(tx, target_id, uids)
        cancel_numbers(tx, [(self.room.folder_id, uid) for uid in copied.uids], self._account.id)
        return copied

    def _check_may_expunge(self) -> None:
        if not self.may_expunge:
            raise Refused(_MODERATORS_ONLY)

    def applicable(self, flag_sets: FlagSets) -> bytes:
        return b"(" + b" ".join([name for name, bit in SYSTEM_FLAGS.items() if bit & self.kept_flags]) + b")"

    def permanent(self, flag_sets: FlagSets) -> bytes:
        return self.applicable(flag_sets)

    def is_after(self, changed: int, known: int) -> bool:
        return is_after(changed, known)

    def joined(self, one: int, other: int) -> int:
        return joined(one, other)

    def before(self, modseq: int) -> int:
        return before(modseq)

    def changed_after(self, items: Sequence[int], modseqs: Iterable[int], known: int) -> list[int]:
        return [item for item, modseq in zip(items, modseqs, strict=True) if is_after(modseq, known)]


class RoomPosts(NamedTuple):
    """The posts of a room, as all accounts see them; its positions are the folder's."""

    folder_id: int

    @property
    def key(self) -> tuple[int, int]:
        return self.folder_id, 0

    def changes(self, tx: Transaction, known: int) -> ChangesOrAll:
        return changes_since(tx, self.folder_id, known)

    def is_after(self, changed: int, known: int) -> bool:
        return changed > known


def _at_position(heard: Heard, place: Callable[[int], int]) -> OnNews:
    return lambda modseq: heard(None if modseq is None else place(modseq))
