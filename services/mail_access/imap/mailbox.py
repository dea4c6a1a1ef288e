"""A mailbox as sessions select it: one of the account (own_mailbox.py), or a room as it sees it (room_mailbox.py).

Commands know no more of it than this. Operations get a transaction, and are run by the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from services.mail_access.imap.flag_sets import FlagSets
from shared.database.transaction import Transaction
from shared.events.watches import Watch
from shared.folders.changes import Changes
from shared.folders.copy_entries import Copied
from shared.folders.folder import Folder
from shared.folders.modseqs import Modseqs
from shared.folders.open_folder import Snapshot
from shared.folders.store_flags import Action, Stored

Heard = Callable[[int | None], None]  # told a position, or None: something may have been missed
ChangesOrAll = Changes | Snapshot


class Opened(NamedTuple):
    """A mailbox that is selected: its messages from the UID `recent_from` on are recent to this session.

    What has happened since is told by the watches, unless `may_have_missed` says that they came late.
    """

    snapshot: Snapshot
    recent_from: int
    watches: Sequence[Watch]
    may_have_missed: bool


class Followed(Protocol):
    """What changes; all modseqs are positions of its own kind."""

    @property
    def key(self) -> tuple[int, int]:
        """Of an open mailbox: equal for two sessions that see the same in it."""

    def changes(self, tx: Transaction, known: int) -> ChangesOrAll:
        """What is new since a position; all there is where the change log does not reach back so far."""

    def is_after(self, changed: int, known: int) -> bool:
        """Whether who knows everything up to the position `known` may not know of a change at `changed`."""


class Shared(Protocol):
    """Reads that serve all who ask for the same at once (shared_changes.py)."""

    async def since(self, followed: Followed, modseq: int, heard: int) -> ChangesOrAll:
        """What is new since the position `modseq`, at least up to `heard`."""


class Mailbox(Followed, Protocol):
    """What a name stands for; it need not be there any more."""

    @property
    def may_expunge(self) -> bool:
        r"""Whether this account may remove what carries \Deleted."""

    async def open(self, heard: Heard, read_only: bool) -> Opened:
        """Read the mailbox and have it watched. Raises FolderNotFound, FolderNotSelectable, StoreUnavailable."""

    async def claim_recent(self, uidnext: int, read_only: bool) -> int:
        """The first UID of those below `uidnext` that is recent to who claims them first, as this session does now."""

    def status(self, tx: Transaction) -> Folder:
        """The mailbox's numbers. Raises FolderNotFound, FolderNotSelectable."""

    async def news(self, shared: Shared, known: int, heard: int, uidnext: int) -> ChangesOrAll:
        """The same when an event has said that there are changes up to the position `heard`, and others may have heard
        it, too. The session has numbered all messages below `uidnext`. Raises FolderNotFound, StoreUnavailable."""

    def modseqs(self, tx: Transaction, first_uid: int, last_uid: int) -> Modseqs:
        """When each message last changed."""

    def store(
        self,
        tx: Transaction,
        uids: Iterable[int],
        action: Action,
        flags: int,
        keywords: Sequence[str] = (),
        unchanged_since: int | None = None,
    ) -> Stored:
        """Add, remove or replace flags. Raises Refused where none of them can be kept."""

    def expunge(self, tx: Transaction, uids: Iterable[int] | None = None) -> None:
        r"""Remove what carries \Deleted: all, or those among `uids`. Raises Refused where the account may not."""

    def copy(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        """Copy messages into the folder of an account, with their flags."""

    def move(self, tx: Transaction, target_id: int, uids: Iterable[int]) -> Copied:
        """Move them there. Raises Refused where the account may not."""

    def applicable(self, flag_sets: FlagSets) -> bytes:
        """The list behind FLAGS (RFC 3501 §7.2.6)."""

    def permanent(self, flag_sets: FlagSets) -> bytes:
        """The list behind PERMANENTFLAGS (RFC 3501 §7.1)."""

    # -- how its positions compare -------------------------------------------------------------------------------

    def joined(self, one: int, other: int) -> int:
        """A position that is behind neither."""

    def before(self, modseq: int) -> int:
        """The last position after which a message with this modseq has changed."""

    def changed_after(self, items: Sequence[int], modseqs: Iterable[int], known: int) -> list[int]:
        """Those of `items` whose modseqs are after a position."""
