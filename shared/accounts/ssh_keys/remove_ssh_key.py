"""Delete an SSH key of an account."""

from __future__ import annotations

from shared.accounts.channel import AccountChanged
from shared.accounts.ssh_keys.errors import SshKeyNotFound
from shared.database.transaction import Transaction


def remove_ssh_key(tx: Transaction, account_id: int, key: str) -> None:
    """It is refused from the commit on. `key`: its number, or its fingerprint.

    Announces AccountChanged. Raises SshKeyNotFound.
    """
    removed = tx.execute(
        "DELETE FROM ssh_key WHERE account_id = %s AND (id::text = %s OR fingerprint = %s)", (account_id, key, key)
    )
    if not removed:
        raise SshKeyNotFound(key)
    tx.announce(AccountChanged(account_id))
