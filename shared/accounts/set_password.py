"""Set an account's password."""

from __future__ import annotations

import psycopg2

from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.accounts.verifiers import Verifiers
from shared.database.referred import referring
from shared.database.transaction import Transaction


def set_password(tx: Transaction, account_id: int, verifiers: Verifiers) -> None:
    """Replace the account's password by the one that `verifiers` were derived from; app passwords stay.

    `derive_verifiers` is slow, hence not in here: a transaction should not wait for it, nor repeat it.
    Announces AccountChanged. Raises AccountNotFound.
    """
    find_account_by_id(tx, account_id)
    scram = verifiers.scram
    with referring(AccountNotFound):
        tx.execute(
            "INSERT INTO credential (account_id, kind, password_hash, scram_salt, scram_iterations, scram_stored_key,"
            " scram_server_key) VALUES (%s, 'password', %s, %s, %s, %s, %s)"
            " ON CONFLICT (account_id) WHERE kind = 'password' DO UPDATE SET password_hash = excluded.password_hash,"
            " scram_salt = excluded.scram_salt, scram_iterations = excluded.scram_iterations,"
            " scram_stored_key = excluded.scram_stored_key, scram_server_key = excluded.scram_server_key,"
            " created_at = now()",
            (
                account_id,
                verifiers.password_hash,
                psycopg2.Binary(scram.salt),
                scram.iterations,
                psycopg2.Binary(scram.stored_key),
                psycopg2.Binary(scram.server_key),
            ),
        )
    tx.announce(AccountChanged(account_id))
