"""Keep an account from signing in."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.change_account import change_account
from shared.accounts.keep_an_admin import keep_an_admin
from shared.database.transaction import Transaction


def disable_account(tx: Transaction, account_id: int) -> Account:
    """Nobody signs in to it from now on; mail goes on arriving. Returns the account as it is now.

    After the commit, announce AccountChanged, so that open sessions end. Raises AccountNotFound, LastAdmin.
    """
    keep_an_admin(tx, without=account_id)
    return change_account(tx, account_id, "enabled", False)
