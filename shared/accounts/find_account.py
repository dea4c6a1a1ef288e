"""Find one account."""

from __future__ import annotations

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction


def find_account(tx: Transaction, name: str) -> Account:
    """The account called `name`, in whatever case. Raises AccountNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM account WHERE name = lower(%s)", (name,))
    if row is None:
        raise AccountNotFound(name)
    return account_of(row)


def find_account_by_id(tx: Transaction, account_id: int) -> Account:
    """The account with that number. Raises AccountNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM account WHERE id = %s", (account_id,))
    if row is None:
        raise AccountNotFound(account_id)
    return account_of(row)
