"""Delete an account."""

from __future__ import annotations

from shared.accounts.change_account import keep_an_admin
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction


def delete_account(tx: Transaction, account_id: int) -> None:
    """Delete the account with its credentials, addresses and folders. There is no way back but a backup.

    Announces AccountChanged. Raises AccountNotFound, LastAdmin.
    """
    keep_an_admin(tx, without=account_id)
    if not tx.execute("DELETE FROM account WHERE id = %s", (account_id,)):
        raise AccountNotFound(account_id)
    tx.announce(AccountChanged(account_id))
