"""Making a folder, and the names above it."""

from __future__ import annotations

from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.folders.create_standard_folders import STANDARD_FOLDERS
from shared.folders.errors import BadFolderName, FolderExists
from shared.folders.folder import COLUMNS, Folder, FolderId, folder_from
from shared.folders.most import check_folders
from shared.folders.name import INBOX, SEPARATOR, check_own, folder_name, superiors

_INSERT = f"""
    INSERT INTO folder (account_id, name, special_use) VALUES (%s, %s, %s)
    ON CONFLICT (account_id, name) DO UPDATE SET selectable = true, special_use = excluded.special_use
        WHERE NOT folder.selectable
    RETURNING {COLUMNS}
"""
_INSERT_SUPERIORS = """
    INSERT INTO folder (account_id, name, special_use) SELECT %s, name, special_use
    FROM unnest(%s::text[], %s::text[]) AS above (name, special_use) ON CONFLICT (account_id, name) DO NOTHING
"""
_HAS_USE = "SELECT EXISTS (SELECT FROM folder WHERE account_id = %s AND special_use = %s)"
_STANDARD_USES = dict(STANDARD_FOLDERS)
_SPECIAL_USES = frozenset({"\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\Archive"})


def create_folder(tx: Transaction, account_id: int | None, name: str, special_use: str | None = None) -> Folder:
    """Make the folder, and those of the folders above it that are missing (RFC 3501 §6.3.3).

    A separator at the end only says that inferiors will come, and is left off. A name that only holds inferiors
    becomes selectable, as an empty folder. A standard folder that was deleted and is made again has its special use
    again, unless another has it now. Raises FolderExists, BadFolderName, NameIsShared, TooManyFolders, AccountNotFound.
    """
    if special_use is not None and special_use not in _SPECIAL_USES:
        raise BadFolderName("a special use that there is no such folder for")
    name = folder_name(name.removesuffix(SEPARATOR) if len(name) > 1 else name)
    check_own(account_id, name)
    if name == INBOX and account_id is None:
        raise BadFolderName("INBOX belongs to an account")
    create_superiors(tx, account_id, name)
    with referring(AccountNotFound):
        row = tx.row(_INSERT, (account_id, name, special_use or _standard_use(tx, account_id, name)))
    if row is None:
        raise FolderExists
    check_folders(tx, account_id)
    return folder_from(row)


def create_superiors(tx: Transaction, account_id: int | None, name: str) -> None:
    """Make those of the folders above `name` that are missing. Raises AccountNotFound, but not TooManyFolders."""
    above = superiors(name)
    if above:
        uses = [_standard_use(tx, account_id, each) for each in above]
        with referring(AccountNotFound):
            tx.execute(_INSERT_SUPERIORS, (account_id, above, uses))


def _standard_use(tx: Transaction, account_id: int | None, name: str) -> str | None:
    """The special use that a folder of that name is born with, if no other folder of the account has it."""
    use = _STANDARD_USES.get(name)
    if use is None or account_id is None or tx.value(_HAS_USE, (account_id, use)):
        return None
    return use


def create_unselectable(tx: Transaction, account_id: int | None, name: str) -> FolderId:
    """Make a name that only holds inferiors."""
    folder_id: FolderId = tx.value(
        "INSERT INTO folder (account_id, name, selectable) VALUES (%s, %s, false) RETURNING id", (account_id, name)
    )
    return folder_id
