"""A maildrop: INBOX as it was at sign-in, and what this session means to change in it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from shared.database.transaction import Transaction
from shared.folders.expunge import expunge
from shared.folders.find_folders import find_folder
from shared.folders.flags import SEEN
from shared.folders.open_folder import open_folder
from shared.folders.store_flags import store_flags
from shared.mail.maildrop_lease import release_maildrop, take_maildrop


@dataclass(slots=True)
class Maildrop:
    """Message number n (from 1) is at place n-1 of the arrays."""

    account_id: int
    holder: UUID
    folder_id: int
    uidvalidity: int
    uids: array[int]
    message_ids: array[int]
    sizes: array[int]
    deleted: set[int] = field(default_factory=set)
    retrieved: set[int] = field(default_factory=set)

    def has(self, number: int) -> bool:
        """Whether `number` names a message that is not marked as deleted."""
        return 0 < number <= len(self.uids) and number not in self.deleted

    def numbers(self) -> Iterator[int]:
        """The numbers not marked as deleted."""
        return (number for number in range(1, len(self.uids) + 1) if number not in self.deleted)

    def octets(self) -> int:
        """The sizes of those, summed."""
        return sum(self.sizes) - sum(self.sizes[number - 1] for number in self.deleted)

    def unique_id(self, number: int) -> str:
        """RFC 1939 §7 UIDL: the same for as long as the message is in this folder, and never another's."""
        return f"{self.uidvalidity}.{self.uids[number - 1]}"


def open_maildrop(tx: Transaction, account_id: int, holder: UUID, process: UUID) -> Maildrop:
    """Take the account's INBOX for one session. Raises MaildropInUse, FolderNotFound."""
    take_maildrop(tx, account_id, holder, process)
    snapshot = open_folder(tx, find_folder(tx, account_id, "INBOX").id, sizes=True)
    assert snapshot.sizes is not None
    return Maildrop(
        account_id,
        holder,
        snapshot.folder.id,
        snapshot.folder.uidvalidity,
        snapshot.uids,
        snapshot.message_ids,
        snapshot.sizes,
    )


def close_maildrop(tx: Transaction, maildrop: Maildrop) -> None:
    """RFC 1939 §6 UPDATE: remove deleted messages, mark retrieved ones as seen, and free the maildrop."""
    seen = sorted(maildrop.uids[number - 1] for number in maildrop.retrieved - maildrop.deleted)
    if seen:
        store_flags(tx, maildrop.folder_id, seen, "add", SEEN)
    gone = sorted(maildrop.uids[number - 1] for number in maildrop.deleted)
    if gone:
        expunge(tx, maildrop.folder_id, gone, deleted_only=False)
    release_maildrop(tx, maildrop.account_id, maildrop.holder)
