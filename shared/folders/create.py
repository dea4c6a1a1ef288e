"""Making a folder, and the names above it."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.errors import BadFolderName, FolderExists
from shared.folders.folder import COLUMNS, Folder, FolderId, folder_from
from shared.folders.name import INBOX, SEPARATOR, folder_name, superiors

_INSERT = f"""
    INSERT INTO folder (account_id, name, special_use) VALUES (%s, %s, %s)
    ON CONFLICT (account_id, name) DO UPDATE SET selectable = true, special_use = excluded.special_use
        WHERE NOT folder.selectable
    RETURNING {COLUMNS}
"""
_INSERT_SUPERIORS = """
    INSERT INTO folder (account_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT (account_id, name) DO NOTHING
"""
_SPECIAL_USES = frozenset({"\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\Archive"})


def create_folder(tx: Transaction, account_id: int | None, name: str, special_use: str | None = None) -> Folder:
    """Make the folder, and folders for the names above it that there are none of (RFC 3501 §6.3.3).

    A separator at the end only says that inferiors will come, and is left off. A name that only holds inferiors
    becomes selectable, as an empty folder. Raises FolderExists, BadFolderName.
    """
    if special_use is not None and special_use not in _SPECIAL_USES:
        raise BadFolderName("a special use that there is no such folder for")
    name = folder_name(name.removesuffix(SEPARATOR) if len(name) > 1 else name)
    if name == INBOX and account_id is None:
        raise BadFolderName("INBOX belongs to an account")
    create_superiors(tx, account_id, name)
    row = tx.row(_INSERT, (account_id, name, special_use))
    if row is None:
        raise FolderExists
    return folder_from(row)


def create_superiors(tx: Transaction, account_id: int | None, name: str) -> None:
    """Make folders for the names above `name` that there are none of."""
    above = superiors(name)
    if above:
        tx.execute(_INSERT_SUPERIORS, (account_id, above))


def create_unselectable(tx: Transaction, account_id: int | None, name: str) -> FolderId:
    """Make a name that only holds inferiors."""
    folder_id: FolderId = tx.value(
        "INSERT INTO folder (account_id, name, selectable) VALUES (%s, %s, false) RETURNING id", (account_id, name)
    )
    return folder_id
