"""Changing an account: whether it may sign in, its role, quota and marks; an enabled admin is always left.

Each operation announces AccountChanged, returns the account as it is then, and raises AccountNotFound.
"""

from __future__ import annotations

from typing import Literal

from shared.accounts.account import COLUMNS, Account, Role, account_of
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound, LastAdmin
from shared.database.transaction import Transaction


def enable_account(tx: Transaction, account_id: int) -> Account:
    """Let a disabled account sign in again."""
    return _change(tx, account_id, "enabled", True)


def disable_account(tx: Transaction, account_id: int) -> Account:
    """Sign-in is refused from now on, and open sessions end; mail is still delivered. Raises LastAdmin."""
    keep_an_admin(tx, without=account_id)
    return _change(tx, account_id, "enabled", False)


def set_role(tx: Transaction, account_id: int, role: Role) -> Account:
    """Change what the account may do. Raises LastAdmin."""
    if role != Role.ADMIN:
        keep_an_admin(tx, without=account_id)
    return _change(tx, account_id, "role", role)


def set_quota(tx: Transaction, account_id: int, quota_octets: int | None) -> Account:
    """Change how much mail it may keep; None: no limit. What is there already stays, even over the quota."""
    return _change(tx, account_id, "quota_octets", quota_octets)


def set_news_marks(tx: Transaction, account_id: int, marks: bool) -> Account:
    """Change whether what it reads by NNTP is marked as seen, from its next sign-in on."""
    return _change(tx, account_id, "news_marks", marks)


def keep_an_admin(tx: Transaction, without: int) -> None:
    """Call it before the account `without` stops being an enabled admin. Raises LastAdmin if it is the only one.

    The admins' rows stay locked to the end of the transaction, so that two admins cannot remove each other at once.
    """
    admins = tx.rows("SELECT id FROM account WHERE role = 'admin' AND enabled ORDER BY id FOR UPDATE")
    if admins == [(without,)]:
        raise LastAdmin


def _change(
    tx: Transaction,
    account_id: int,
    column: Literal["enabled", "role", "quota_octets", "news_marks"],
    value: bool | str | int | None,
) -> Account:
    row = tx.row(f"UPDATE account SET {column} = %s WHERE id = %s RETURNING {COLUMNS}", (value, account_id))
    if row is None:
        raise AccountNotFound(account_id)
    tx.announce(AccountChanged(account_id))
    return account_of(row)
