"""Change how much mail an account may keep."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.change_account import change_account
from shared.database.transaction import Transaction


def set_quota(tx: Transaction, account_id: int, quota_octets: int | None) -> Account:
    """None: no limit. What is there already stays, even over the quota. Returns the account as it is now.

    After the commit, announce AccountChanged. Raises AccountNotFound.
    """
    return change_account(tx, account_id, "quota_octets", quota_octets)
