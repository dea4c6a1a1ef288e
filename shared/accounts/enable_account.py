"""Let a disabled account sign in again."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.change_account import change_account
from shared.database.transaction import Transaction


def enable_account(tx: Transaction, account_id: int) -> Account:
    """Returns the account as it is now. After the commit, announce AccountChanged. Raises AccountNotFound."""
    return change_account(tx, account_id, "enabled", True)
