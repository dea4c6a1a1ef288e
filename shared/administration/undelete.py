"""Bringing an account's expunged messages back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.folders.find_folders import find_folder
from shared.folders.list_folders import list_folders
from shared.folders.undelete import undelete


def bring_back(tx: Transaction, name: str, folder: str | None, since: datetime) -> Mapping[str, int]:
    """The folders that something came back into, and how much. Without `folder` all of the account are looked at.

    Raises AccountNotFound, FolderNotFound, FolderNotSelectable, BadFolderName, QuotaExceeded.
    """
    account = find_account(tx, name)
    if folder is not None:
        folders = [find_folder(tx, account.id, folder)]
    else:
        listed = list_folders(tx, account.id)
        folders = [each.folder for each in listed if each.folder is not None and each.folder.selectable]
    return {
        each.name: came for each in sorted(folders, key=lambda each: each.id) if (came := undelete(tx, each.id, since))
    }
