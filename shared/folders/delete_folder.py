"""Deleting a folder with all that is in it."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.create_folder import create_unselectable
from shared.folders.errors import FolderHasInferiors, FolderIsPermanent, FolderNotFound
from shared.folders.folder import COLUMNS, folder_from
from shared.folders.name import INBOX, SEPARATOR, check_own, folder_name

_LOCK = f"SELECT {COLUMNS} FROM folder WHERE account_id IS NOT DISTINCT FROM %s AND name = %s FOR UPDATE"
_HAS_INFERIORS = """
    SELECT EXISTS (SELECT FROM folder WHERE account_id IS NOT DISTINCT FROM %s AND starts_with(name, %s))
"""


def delete_folder(tx: Transaction, account_id: int | None, name: str) -> None:
    """Delete the folder and its entries; where it has inferiors its name stays, to hold them (RFC 3501 §6.3.4).

    A session that has it open learns that by FolderNotFound from changes_since(). Subscriptions stay. Raises
    FolderNotFound, BadFolderName, FolderIsPermanent for INBOX, FolderHasInferiors when it only holds inferiors already.
    """
    name = folder_name(name)
    check_own(account_id, name)
    if name == INBOX:
        raise FolderIsPermanent
    row = tx.row(_LOCK, (account_id, name))
    if row is None:
        raise FolderNotFound
    folder = folder_from(row)
    has_inferiors = tx.value(_HAS_INFERIORS, (account_id, name + SEPARATOR))
    if has_inferiors and not folder.selectable:
        raise FolderHasInferiors
    tx.execute("DELETE FROM folder WHERE id = %s", (folder.id,))
    if has_inferiors:
        create_unselectable(tx, account_id, name)
    tx.announce(FolderChanged(folder.id, folder.highest_modseq + 1))
