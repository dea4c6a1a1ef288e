"""Reading a whole folder's numbering and flags, as a session needs it when it selects the folder."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_and_rest
from shared.folders.keywords import Keywords
from shared.folders.lock import selectable
from shared.folders.packed import signed_64, unsigned_32

# One statement, so that all of it is of one moment.
_OPEN = f"""
    SELECT {COLUMNS}, uids, message_ids, flags, sizes,
           (SELECT array_agg(bit) FROM keyword WHERE folder_id = folder.id),
           (SELECT array_agg(keyword.name) FROM keyword WHERE folder_id = folder.id)
    FROM folder LEFT JOIN LATERAL (
        SELECT string_agg(int4send(uid), '') AS uids, string_agg(int8send(message_id), '') AS message_ids,
               string_agg(int8send(flags), '') AS flags,
               CASE WHEN %(sizes)s THEN string_agg(int4send(size_octets), '') END AS sizes
        FROM (SELECT * FROM entry WHERE folder_id = %(folder_id)s ORDER BY uid) AS ordered
    ) AS entries ON true
    WHERE id = %(folder_id)s
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A folder as of one moment; the arrays run in the order of the UIDs.

    `flags` are masks (shared/folders/flags.py) with the bits of `keywords`; there are few different ones, so a session
    that keeps many messages may keep their numbers in a table instead. `sizes` in octets, where they were asked for.
    """

    folder: Folder
    uids: array[int]  # 'I'
    message_ids: array[int]  # 'q'
    flags: array[int]  # 'q'
    sizes: array[int] | None  # 'I'
    keywords: Keywords


def open_folder(tx: Transaction, folder_id: int, *, sizes: bool = False) -> Snapshot:
    """Read the folder and every entry in it. Raises FolderNotFound, FolderNotSelectable."""
    row = tx.row(_OPEN, {"folder_id": folder_id, "sizes": sizes})
    if row is None:
        raise FolderNotFound
    folder, (uids, message_ids, flags, size_octets, bits, names) = folder_and_rest(row)
    return Snapshot(
        folder=selectable(folder),
        uids=unsigned_32(uids),
        message_ids=signed_64(message_ids),
        flags=signed_64(flags),
        sizes=unsigned_32(size_octets) if sizes else None,
        keywords=dict(zip(bits or (), names or (), strict=True)),
    )
