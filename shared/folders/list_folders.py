"""Listing an account's folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.database.transaction import Transaction
from shared.folders.folder import NAMES, Folder, folder_and_rest
from shared.folders.name import INBOX, superiors

_LIST = f"""
    SELECT {", ".join(f"folder.{name}" for name in NAMES)}, folder.id IS NOT NULL, subscription.name
    FROM (SELECT * FROM folder WHERE account_id = %(account_id)s) AS folder
    FULL JOIN (SELECT name FROM subscription WHERE account_id = %(account_id)s) AS subscription
        ON subscription.name = folder.name
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A name in the account's list.

    `folder` is None where the name is only subscribed to (RFC 5258 §3.1 \\NonExistent). `has_children` says whether
    there are folders below it, `subscribed_below` whether any name below it is subscribed to (CHILDINFO).
    """

    name: str
    folder: Folder | None
    subscribed: bool
    has_children: bool
    subscribed_below: bool


def list_folders(tx: Transaction, account_id: int) -> Sequence[Listing]:
    """Every folder and every subscribed name of the account, INBOX first, then by name. Counters come along."""
    folders: dict[str, Folder] = {}
    subscribed: set[str] = set()
    for row in tx.rows(_LIST, {"account_id": account_id}):
        folder, (is_folder, subscribed_name) = folder_and_rest(row)
        if is_folder:
            folders[folder.name] = folder
        if subscribed_name is not None:
            subscribed.add(subscribed_name)
    parents = {superior for name in folders for superior in superiors(name)}
    parents_of_subscribed = {superior for name in subscribed for superior in superiors(name)}
    return [
        Listing(name, folders.get(name), name in subscribed, name in parents, name in parents_of_subscribed)
        for name in sorted(folders.keys() | subscribed, key=lambda name: (name != INBOX, name))
    ]
