"""Finding many folders, of one account or several, in one round trip."""

from __future__ import annotations

from collections.abc import Collection

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.errors import BadFolderName, FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_from
from shared.folders.name import folder_name
from shared.folders.packed import array_literal

Wanted = tuple[int, str]  # account id, name

_FIND = f"""
    SELECT {", ".join(f"folder.{column}" for column in COLUMNS.split(", "))}
    FROM unnest(%s::bigint[], %s::text[]) AS wanted (account_id, name) JOIN folder USING (account_id, name)
"""


def find_folders(tx: Transaction, wanted: Collection[Wanted]) -> dict[Wanted, Folder | DomainError]:
    """Each account's folder of that name; in its place FolderNotFound or BadFolderName where there is none."""
    found: dict[Wanted, Folder | DomainError] = {}
    spelled: dict[Wanted, str] = {}
    for account_id, name in wanted:
        try:
            spelled[account_id, name] = folder_name(name)
        except BadFolderName as error:
            found[account_id, name] = error
    rows = tx.rows(_FIND, (array_literal(account_id for account_id, _ in spelled), list(spelled.values())))
    folders = {(folder.account_id, folder.name): folder for folder in map(folder_from, rows)}
    for (account_id, name), spelling in spelled.items():
        found[account_id, name] = folders.get((account_id, spelling)) or FolderNotFound()
    return found
