"""Create an account."""

from __future__ import annotations

from shared.accounts.account import COLUMNS, Account, Role, account_of
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountExists
from shared.accounts.names import check_account_name
from shared.accounts.set_password import set_password
from shared.accounts.verifiers import Verifiers
from shared.database.transaction import Transaction


def create_account(
    tx: Transaction,
    name: str,
    role: Role = Role.MEMBER,
    *,
    verifiers: Verifiers | None = None,
    quota_octets: int | None = None,
) -> Account:
    """Create an enabled account; without `verifiers` nobody can sign in to it yet.

    Its folders and its address are another subject's: `shared.mail.open_mailbox`, in the same transaction.
    Announces AccountChanged. Raises UnusableName, AccountExists.
    """
    row = tx.row(
        "INSERT INTO account (name, role, quota_octets) VALUES (%s, %s, %s) "
        f"ON CONFLICT (name) DO NOTHING RETURNING {COLUMNS}",
        (check_account_name(name), role, quota_octets),
    )
    if row is None:
        raise AccountExists(name)
    account = account_of(row)
    tx.announce(AccountChanged(account.id))
    if verifiers is not None:
        set_password(tx, account.id, verifiers)
    return account
