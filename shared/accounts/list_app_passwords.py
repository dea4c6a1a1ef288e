"""List an account's app passwords."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.app_password import AppPassword
from shared.accounts.find_account import find_account_by_id
from shared.database.transaction import Transaction


def list_app_passwords(tx: Transaction, account_id: int) -> Sequence[AppPassword]:
    """The oldest first, without their secrets. Raises AccountNotFound."""
    find_account_by_id(tx, account_id)
    rows = tx.rows(
        "SELECT id, label, protocols, apop_secret IS NOT NULL AND (protocols = '{}' OR 'pop3' = ANY (protocols)),"
        " created_at FROM credential"
        " WHERE account_id = %s AND kind = 'app_password' ORDER BY id",
        (account_id,),
    )
    return [
        AppPassword(number, label, tuple(protocols), for_apop, created_at)
        for number, label, protocols, for_apop, created_at in rows
    ]
