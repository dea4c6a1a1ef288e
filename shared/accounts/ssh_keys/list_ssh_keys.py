"""List an account's SSH keys."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.find_account import find_account_by_id
from shared.accounts.ssh_keys.ssh_key import COLUMNS, SshKey
from shared.database.transaction import Transaction


def list_ssh_keys(tx: Transaction, account_id: int) -> Sequence[SshKey]:
    """The oldest first. Raises AccountNotFound."""
    find_account_by_id(tx, account_id)
    rows = tx.rows(f"SELECT {COLUMNS} FROM ssh_key WHERE account_id = %s ORDER BY id", (account_id,))
    return [SshKey(*row) for row in rows]
