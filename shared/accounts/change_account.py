"""Change one column of an account: what disable, enable, set_role and set_quota share."""

from __future__ import annotations

from typing import Literal

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction


def change_account(
    tx: Transaction,
    account_id: int,
    column: Literal["enabled", "role", "quota_octets"],
    value: bool | str | int | None,
) -> Account:
    """The account after the change. Raises AccountNotFound."""
    row = tx.row(f"UPDATE account SET {column} = %s WHERE id = %s RETURNING {COLUMNS}", (value, account_id))
    if row is None:
        raise AccountNotFound(account_id)
    return account_of(row)
