"""Add an SSH key to an account."""

from __future__ import annotations

from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.accounts.ssh_keys.errors import SshKeyExists, TooManySshKeys
from shared.accounts.ssh_keys.public_key import PublicKey
from shared.accounts.ssh_keys.ssh_key import COLUMNS, SshKey
from shared.database.referred import referring
from shared.database.transaction import Transaction

MOST_KEYS = 100  # of one account: what signing in reads is bounded


def add_ssh_key(tx: Transaction, account_id: int, key: PublicKey) -> SshKey:
    """The account signs in with `key` from the commit on.

    Announces AccountChanged. Raises AccountNotFound, SshKeyExists, TooManySshKeys.
    """
    find_account_by_id(tx, account_id)
    if tx.value("SELECT count(*) FROM ssh_key WHERE account_id = %s", (account_id,)) >= MOST_KEYS:
        raise TooManySshKeys(MOST_KEYS)
    with referring(AccountNotFound):
        row = tx.row(
            "INSERT INTO ssh_key (account_id, kind, fingerprint, comment, blob) VALUES (%s, %s, %s, %s, %s)"
            f" ON CONFLICT (account_id, fingerprint) DO NOTHING RETURNING {COLUMNS}",
            (account_id, key.kind, key.fingerprint, key.comment, key.blob),
        )
    if row is None:
        raise SshKeyExists(key.fingerprint)
    tx.announce(AccountChanged(account_id))
    return SshKey(*row)
