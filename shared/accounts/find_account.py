"""Find one account."""

from __future__ import annotations

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.errors import AccountNotFound
from shared.accounts.names import parse_sign_in_name
from shared.database.transaction import Transaction


def find_account(tx: Transaction, name: str) -> Account:
    """The account that signs in as `name`: `alice`, or `alice@` one of our domains. Raises AccountNotFound."""
    meant = parse_sign_in_name(name)
    if meant is None:
        raise AccountNotFound(name)
    query = f"SELECT {COLUMNS} FROM account WHERE name = %s"
    if meant.domain is None:
        row = tx.row(query, (meant.account,))
    else:
        query += " AND EXISTS (SELECT FROM domain WHERE domain.name = %s)"
        row = tx.row(query, (meant.account, meant.domain))
    if row is None:
        raise AccountNotFound(name)
    return account_of(row)


def find_account_by_id(tx: Transaction, account_id: int) -> Account:
    """The account with that number. Raises AccountNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM account WHERE id = %s", (account_id,))
    if row is None:
        raise AccountNotFound(account_id)
    return account_of(row)
