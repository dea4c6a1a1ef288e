"""Articles that are older than their room keeps them: they go for good, and cannot be put back."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.expunge import remove_named
from shared.folders.lock import lock_folder
from shared.folders.packed import array_literal, unsigned_32

BATCH = 2_000  # the room is locked for less than 100 ms
_ROOMS = "SELECT folder_id FROM room WHERE keep_days IS NOT NULL ORDER BY folder_id"
_OLD = """
    SELECT string_agg(int4send(uid), '' ORDER BY uid) FROM (
        SELECT uid FROM article
        WHERE folder_id = %(room)s AND came_at < now() - interval '1 day' * (
            SELECT keep_days FROM room WHERE folder_id = %(room)s
        ) ORDER BY came_at LIMIT %(batch)s
    ) AS old
"""


def rooms_that_expire(tx: Transaction) -> list[int]:
    """The rooms that keep their articles for some days only."""
    return [room for (room,) in tx.rows(_ROOMS)]


def expire(tx: Transaction, room: int, batch: int = BATCH) -> int:
    """Remove the oldest of what is too old in a room; how many, 0 when nothing is.

    Their Message-IDs stay known. Announces FolderChanged. Raises FolderNotFound.
    """
    folder = lock_folder(tx, room)
    old = unsigned_32(tx.value(_OLD, {"room": room, "batch": batch}))
    if old:
        remove_named(tx, folder, old)
        tx.execute("DELETE FROM article WHERE folder_id = %s AND uid = ANY(%s::integer[])", (room, array_literal(old)))
    return len(old)
