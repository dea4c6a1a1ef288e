"""Subscriptions: the names that an account wants to see listed."""

from __future__ import annotations

from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.folders.most import check_subscriptions
from shared.folders.name import folder_name


def subscribe(tx: Transaction, account_id: int, name: str) -> None:
    """Subscribe to a name, whether there is such a folder or not.

    Raises BadFolderName, TooManySubscriptions, AccountNotFound.
    """
    with referring(AccountNotFound):
        added = tx.execute(
            "INSERT INTO subscription (account_id, name) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (account_id, folder_name(name)),
        )
    if added:
        check_subscriptions(tx, account_id)


def unsubscribe(tx: Transaction, account_id: int, name: str) -> bool:
    """End a subscription; returns whether there was one. Raises BadFolderName."""
    query = "DELETE FROM subscription WHERE account_id = %s AND name = %s"
    return tx.execute(query, (account_id, folder_name(name))) > 0
