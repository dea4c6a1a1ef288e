"""List every account."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.account import COLUMNS, Account, account_of
from shared.database.transaction import Transaction


def list_accounts(tx: Transaction) -> Sequence[Account]:
    """All accounts, by name."""
    return [account_of(row) for row in tx.rows(f"SELECT {COLUMNS} FROM account ORDER BY name")]
