"""Moving entries into another folder: gone from one and there in the other, at one moment (RFC 6851)."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from shared.database.transaction import Transaction
from shared.folders.copy_entries import add_from, check_quota, lock_both
from shared.folders.expunge import remove_named
from shared.folders.folder import Folder
from shared.folders.packed import array_literal


@dataclass(frozen=True, slots=True)
class Moved:
    """The entries that were moved: `uids[n]` of the source is now `new_uids[n]` of the target.

    `modseq` is the source's position now, `previous_modseq` the one before.
    """

    uidvalidity: int  # the target's
    uids: array[int]  # 'I', ascending
    new_uids: array[int]  # 'I', ascending
    previous_modseq: int
    modseq: int


def move_entries(tx: Transaction, source_id: int, target_id: int, uids: Iterable[int]) -> Moved:
    """Move the entries `uids` with their flags and keywords, all or none; into their own folder it numbers them anew.

    UIDs that are not there are passed over. Raises FolderNotFound, FolderNotSelectable, QuotaExceeded, and
    TooManyKeywords when the target cannot hold theirs.
    """
    source, target = lock_both(tx, source_id, target_id)
    return move_between(tx, source, target, array_literal(uids))


def move_between(tx: Transaction, source: Folder, target: Folder, uids: str | None) -> Moved:
    """Move entries (all for None) between two locked folders."""
    copied, grown = add_from(tx, source, target, uids)
    if source.id == target.id:
        source = source._replace(highest_modseq=grown.highest_modseq)
    gone = remove_named(tx, source, copied.uids)
    if source.account_id != target.account_id:
        check_quota(tx, grown, copied)
    return Moved(copied.uidvalidity, copied.uids, copied.new_uids, gone.previous_modseq, gone.modseq)
