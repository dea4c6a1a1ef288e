"""Copying articles of a room into a folder of an account: the same messages, with the account's marks as flags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from shared.database.transaction import Transaction
from shared.folders.copy_entries import Copied, copy_entries
from shared.folders.flags import DELETED
from shared.folders.store_flags import store_flags
from shared.rooms.marks.marks_of import marks_of


def copy_articles(tx: Transaction, account_id: int, folder_id: int, target_id: int, uids: Iterable[int]) -> Copied:
    r"""Copy the articles `uids` of the room, all or none, without \Deleted. Raises what copy_entries() raises."""
    copied = copy_entries(tx, folder_id, target_id, uids)
    by_flags: dict[int, list[int]] = defaultdict(list)
    flags = marks_of(tx, account_id, folder_id).flags_of(copied.uids)
    for mask, new_uid in zip(flags, copied.new_uids, strict=True):
        by_flags[mask & ~DELETED].append(new_uid)
    for mask, new_uids in by_flags.items():
        if mask:
            store_flags(tx, target_id, new_uids, "add", mask)
    return copied
