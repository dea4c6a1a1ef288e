"""Removing entries from a folder, for good or on their way into another."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.folder import Folder
from shared.folders.lock import lock_folder
from shared.folders.packed import array_literal, unsigned_32

_REMOVE = """
    WITH gone AS (
        DELETE FROM entry WHERE folder_id = %(folder_id)s::bigint {which} RETURNING uid, message_id, flags, size_octets
    ), logged AS (
        INSERT INTO vanished (folder_id, uid, message_id, flags, modseq)
        SELECT %(folder_id)s::bigint, uid, message_id, flags, %(modseq)s::bigint FROM gone
    )
    SELECT string_agg(int4send(uid), '' ORDER BY uid), count(*), count(*) FILTER (WHERE flags & 8 = 0),
           coalesce(sum(size_octets), 0)
    FROM gone
"""
_ALL_DELETED = Prepared(_REMOVE.format(which="AND flags & 4 <> 0"))
_DELETED = Prepared(_REMOVE.format(which="AND flags & 4 <> 0 AND uid = ANY(%(uids)s::integer[])"))
_NAMED = Prepared(_REMOVE.format(which="AND uid = ANY(%(uids)s::integer[])"))
_SHRINK = Prepared(
    """
    UPDATE folder SET highest_modseq = %s, messages = messages - %s, unseen = unseen - %s, octets = octets - %s
    WHERE id = %s
    """
)


@dataclass(frozen=True, slots=True)
class Expunged:
    """The entries that were removed. `modseq` is the folder's position now, `previous_modseq` the one before."""

    previous_modseq: int
    modseq: int
    uids: array[int]  # 'I', ascending


def expunge(
    tx: Transaction, folder_id: int, uids: Iterable[int] | None = None, *, deleted_only: bool = True
) -> Expunged:
    """Remove the entries that carry \\Deleted: all (EXPUNGE, CLOSE), or those among `uids` (UID EXPUNGE).

    With `deleted_only=False` all of `uids` go whatever their flags (POP3's QUIT). UIDs that are not there are passed
    over. Raises FolderNotFound, FolderNotSelectable.
    """
    folder = lock_folder(tx, folder_id)
    if uids is None:
        return remove(tx, folder, _ALL_DELETED, None)
    return remove(tx, folder, _DELETED if deleted_only else _NAMED, uids)


def remove_named(tx: Transaction, folder: Folder, uids: Iterable[int]) -> Expunged:
    """Remove `uids` from a folder that is locked."""
    return remove(tx, folder, _NAMED, uids)


def remove(tx: Transaction, folder: Folder, statement: Prepared, uids: Iterable[int] | None) -> Expunged:
    """Run one of the statements above on a locked folder and keep its counters."""
    modseq = folder.highest_modseq + 1
    parameters = {"folder_id": folder.id, "modseq": modseq, "uids": None if uids is None else array_literal(uids)}
    row = tx.row(statement, parameters)
    assert row is not None  # aggregates without GROUP BY give one row
    gone, messages, unseen, octets = unsigned_32(row[0]), *row[1:]
    if not messages:
        return Expunged(folder.highest_modseq, folder.highest_modseq, gone)
    tx.execute(_SHRINK, (modseq, messages, unseen, octets, folder.id))
    tx.announce(FolderChanged(folder.id, modseq))
    return Expunged(folder.highest_modseq, modseq, gone)
