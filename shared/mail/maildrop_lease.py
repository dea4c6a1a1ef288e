"""The right to hold a maildrop: one POP3 session at a time, over all processes (RFC 1939 §4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.mail.errors import MaildropInUse

LEASE = timedelta(seconds=60)  # how long a killed process keeps its clients out
RENEWAL = timedelta(seconds=20)  # two renewals may fail before a lease runs out

_TAKE = """
    INSERT INTO maildrop_lease AS lease (account_id, holder, process, expires_at)
    VALUES (%s, %s, %s, now() + %s)
    ON CONFLICT (account_id) DO UPDATE
        SET holder = excluded.holder, process = excluded.process, expires_at = excluded.expires_at
        WHERE lease.expires_at < now()
    RETURNING account_id
"""


def take_maildrop(tx: Transaction, account_id: int, holder: UUID, process: UUID) -> None:
    """Hold the account's maildrop until `release_maildrop`. Raises MaildropInUse, AccountNotFound."""
    with referring(AccountNotFound):
        taken = tx.value(_TAKE, (account_id, str(holder), str(process), LEASE))
    if taken is None:
        raise MaildropInUse


def release_maildrop(tx: Transaction, account_id: int, holder: UUID) -> None:
    """Give the lease back; harmless when it ran out and another session has it."""
    tx.execute("DELETE FROM maildrop_lease WHERE account_id = %s AND holder = %s", (account_id, str(holder)))


def renew_maildrops(tx: Transaction, process: UUID, holders: Collection[UUID]) -> None:
    """Renew the leases of this process's sessions.

    A lease whose session is gone is not renewed: the store was away when it should have been given back, and it runs
    out by itself.
    """
    tx.execute(
        "UPDATE maildrop_lease SET expires_at = now() + %s WHERE process = %s AND holder = ANY(%s::uuid[])",
        (LEASE, str(process), [str(holder) for holder in holders]),
    )
