"""Giving a folder another name, and everything below it along with it."""

from __future__ import annotations

from contextlib import suppress

import psycopg2.errors

from shared.database.transaction import Transaction
from shared.folders.copy_entries import lock_both
from shared.folders.create_folder import create_folder, create_superiors
from shared.folders.errors import BadFolderName, FolderExists, FolderNotFound
from shared.folders.find_folders import find_folder
from shared.folders.most import check_folders
from shared.folders.move_entries import move_between
from shared.folders.name import INBOX, SEPARATOR, check_own, folder_name

_LOCK = """
    SELECT id, name FROM folder
    WHERE account_id IS NOT DISTINCT FROM %s AND (name = %s OR starts_with(name, %s)) ORDER BY id FOR UPDATE
"""
_RENAME = """
    UPDATE folder SET name = renamed.name
    FROM unnest(%s::bigint[], %s::text[]) AS renamed (id, name) WHERE folder.id = renamed.id
"""
_SUBSCRIBED = "SELECT name FROM subscription WHERE account_id = %s AND (name = %s OR starts_with(name, %s))"
_UNSUBSCRIBE = "DELETE FROM subscription WHERE account_id = %s AND name = ANY(%s::text[])"
_SUBSCRIBE = "INSERT INTO subscription (account_id, name) SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING"


def rename_folder(tx: Transaction, account_id: int | None, name: str, new_name: str) -> None:
    """Rename the folder and its inferiors; superiors of the new name that are missing are made (RFC 3501 §6.3.5).

    Numbering, flags and special use stay with the folder. Subscriptions to it, and to names below it, become
    subscriptions to the new names; without that, mail programs that show subscribed folders only would no longer show
    it. INBOX is not renamed: its messages move to a new folder, and it stays, empty, with its inferiors and its
    subscription. Raises FolderNotFound, FolderExists, BadFolderName, TooManyFolders.
    """
    name, new_name = folder_name(name), folder_name(new_name.removesuffix(SEPARATOR) or new_name)
    check_own(account_id, name, new_name)
    if new_name in (name, INBOX):
        raise FolderExists
    if name == INBOX:
        _empty_inbox_into(tx, account_id, new_name)
        return
    if new_name.startswith(name + SEPARATOR):
        raise BadFolderName("a folder cannot be inside itself")
    rows = tx.rows(_LOCK, (account_id, name, name + SEPARATOR))
    if name not in (row[1] for row in rows):
        raise FolderNotFound
    new_names = [folder_name(new_name + row[1][len(name) :]) for row in rows]
    create_superiors(tx, account_id, new_name)
    try:
        tx.execute(_RENAME, ([row[0] for row in rows], new_names))
    except psycopg2.errors.UniqueViolation:
        raise FolderExists from None
    check_folders(tx, account_id)
    _rename_subscriptions(tx, account_id, name, new_name)


def _rename_subscriptions(tx: Transaction, account_id: int | None, name: str, new_name: str) -> None:
    """Subscribed names without a folder are renamed, too; names that would become too long stay as they are."""
    renamed: dict[str, str] = {}
    for (old,) in tx.rows(_SUBSCRIBED, (account_id, name, name + SEPARATOR)):
        with suppress(BadFolderName):
            renamed[old] = folder_name(new_name + old[len(name) :])
    if renamed:
        tx.execute(_UNSUBSCRIBE, (account_id, list(renamed)))
        tx.execute(_SUBSCRIBE, (account_id, list(renamed.values())))


def _empty_inbox_into(tx: Transaction, account_id: int | None, new_name: str) -> None:
    inbox = find_folder(tx, account_id, INBOX)
    created = create_folder(tx, account_id, new_name)
    move_between(tx, *lock_both(tx, inbox.id, created.id), None)
