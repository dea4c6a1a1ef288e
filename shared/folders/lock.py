"""Taking the row locks that every change to a folder needs."""

from __future__ import annotations

from collections.abc import Iterable

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound, FolderNotSelectable
from shared.folders.folder import COLUMNS, Folder, FolderId, folder_from
from shared.folders.packed import array_literal

_LOCK = Prepared(f"SELECT {COLUMNS} FROM folder WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE")

_LOCK_ONE = Prepared(f"SELECT {COLUMNS} FROM folder WHERE id = %s FOR NO KEY UPDATE")


def lock_folders(tx: Transaction, folder_ids: Iterable[int]) -> dict[FolderId, Folder]:
    """Lock these folders in the order of their ids and return them as they are now; missing ones are left out.

    A statement sees what was committed before it began: read entries in later statements, never in the one that locks.
    """
    rows = tx.rows(_LOCK, (array_literal(set(folder_ids)),))
    return {folder.id: folder for folder in map(folder_from, rows)}


def lock_folder(tx: Transaction, folder_id: int) -> Folder:
    """Lock one folder that takes messages. Raises FolderNotFound, FolderNotSelectable."""
    row = tx.row(_LOCK_ONE, (folder_id,))
    if row is None:
        raise FolderNotFound
    return selectable(folder_from(row))


def selectable(folder: Folder) -> Folder:
    """Raises FolderNotSelectable."""
    if not folder.selectable:
        raise FolderNotSelectable
    return folder
