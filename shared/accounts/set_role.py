"""Change what an account may do."""

from __future__ import annotations

from shared.accounts.account import Account, Role
from shared.accounts.change_account import change_account
from shared.accounts.keep_an_admin import keep_an_admin
from shared.database.transaction import Transaction


def set_role(tx: Transaction, account_id: int, role: Role) -> Account:
    """Returns the account as it is now. After the commit, announce AccountChanged.

    Raises AccountNotFound, LastAdmin.
    """
    if role != Role.ADMIN:
        keep_an_admin(tx, without=account_id)
    return change_account(tx, account_id, "role", role)
