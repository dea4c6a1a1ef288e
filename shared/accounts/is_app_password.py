"""Telling an account's app passwords from its own password."""

from __future__ import annotations

from shared.accounts.app_password import secret_digest
from shared.database.transaction import Transaction


def is_app_password(tx: Transaction, account_id: int, typed: str) -> bool:
    """Whether `typed` is one of the account's app passwords."""
    digest = secret_digest(typed)
    if digest is None:
        return False
    found = "SELECT true FROM credential WHERE account_id = %s AND kind = 'app_password' AND password_hash = %s"
    return tx.value(found, (account_id, digest)) is not None
