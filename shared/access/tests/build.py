"""What tests of access begin with."""

from __future__ import annotations

from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.database.transaction import Transaction


def an_account(tx: Transaction, name: str = "alice") -> Account:
    """A member."""
    return create_account(tx, name, Role.MEMBER)
