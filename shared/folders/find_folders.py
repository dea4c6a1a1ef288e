"""Finding folders by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.errors import FolderNotFound
from shared.folders.folder import COLUMNS, Folder, folder_from
from shared.folders.name import folder_name

_BY_NAME = f"SELECT {COLUMNS} FROM folder WHERE account_id IS NOT DISTINCT FROM %s AND name = %s"
_OWN_BY_NAME = Prepared(f"SELECT {COLUMNS} FROM folder WHERE account_id = %s AND name = %s")
_MANY_BY_NAME = f"""
    SELECT {COLUMNS} FROM folder
    WHERE (account_id, name) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))
"""


def find_folder(tx: Transaction, account_id: int | None, name: str) -> Folder:
    """The account's folder of that name, selectable or not. Raises FolderNotFound, BadFolderName."""
    query = _BY_NAME if account_id is None else _OWN_BY_NAME
    row = tx.row(query, (account_id, folder_name(name)))
    if row is None:
        raise FolderNotFound
    return folder_from(row)


def find_folders(tx: Transaction, wanted: Iterable[tuple[int, str]]) -> Mapping[tuple[int, str], Folder | DomainError]:
    """Folders by account and name as they were asked for, in one query; in place of a folder FolderNotFound or
    BadFolderName.
    """
    found: dict[tuple[int, str], Folder | DomainError] = {}
    names: dict[tuple[int, str], list[tuple[int, str]]] = {}  # as kept → as asked for
    for account_id, name in wanted:
        try:
            names.setdefault((account_id, folder_name(name)), []).append((account_id, name))
            found[account_id, name] = FolderNotFound()
        except DomainError as error:
            found[account_id, name] = error
    if names:
        accounts, kept = zip(*names, strict=True)
        for row in tx.rows(_MANY_BY_NAME, (list(accounts), list(kept))):
            folder = folder_from(row)
            assert folder.account_id is not None
            for asked in names[folder.account_id, folder.name]:
                found[asked] = folder
    return found
