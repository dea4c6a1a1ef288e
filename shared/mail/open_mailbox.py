"""Making an account a mailbox: its folders and its address."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.accounts.channel import AccountChanged
from shared.database.transaction import Transaction
from shared.folders.create_standard_folders import create_standard_folders
from shared.mail.domains import ensure_domain


def open_mailbox(tx: Transaction, account: Account, domain: str) -> str:
    """Make the standard folders and the address name@domain, and keep mail for `domain` from now on.

    What is there already stays. Returns the address. Raises BadAddress. Announces AccountChanged.
    """
    name = ensure_domain(tx, domain)
    create_standard_folders(tx, account.id)
    tx.execute(
        "INSERT INTO address (local_part, domain, account_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (account.name, name, account.id),
    )
    tx.announce(AccountChanged(account.id))
    return f"{account.name}@{name}"
