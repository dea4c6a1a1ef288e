"""Find the account that a key may sign in to, and note that it was used."""

from __future__ import annotations

from typing import NamedTuple

from shared.accounts.account import COLUMNS, Account, account_and_rest
from shared.accounts.names import SignInName
from shared.accounts.ssh_keys.public_key import fingerprint_of
from shared.database.transaction import Transaction

_FIND = (
    f"SELECT {COLUMNS}, ssh_key.id, ssh_key.blob FROM account JOIN ssh_key ON ssh_key.account_id = account.id"
    " WHERE account.name = %s AND ssh_key.fingerprint = %s"
)
_AT_DOMAIN = " AND EXISTS (SELECT FROM domain WHERE domain.name = %s)"


class KeyOwner(NamedTuple):
    """An account, and the number of the key that was looked for."""

    account: Account
    key_id: int


def find_key(tx: Transaction, name: SignInName, blob: bytes) -> KeyOwner | None:
    """The account that is meant by `name`, if the key is one of its own."""
    if name.domain is None:
        row = tx.row(_FIND, (name.account, fingerprint_of(blob)))
    else:
        row = tx.row(_FIND + _AT_DOMAIN, (name.account, fingerprint_of(blob), name.domain))
    if row is None:
        return None
    account, (key_id, known) = account_and_rest(row)
    return KeyOwner(account, key_id) if bytes(known) == blob else None


def note_use(tx: Transaction, key_id: int) -> None:
    """The key has signed somebody in. Written once a minute at most: programs may sign in every second."""
    tx.execute(
        "UPDATE ssh_key SET last_used_at = now() WHERE id = %s"
        " AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')",
        (key_id,),
    )
