"""An account that can sign in and receive mail: what `agora user add` makes, and the first migration for `admin`."""

from __future__ import annotations

from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.accounts.verifiers import Verifiers
from shared.database.transaction import Transaction
from shared.mail.open_mailbox import open_mailbox


def create_user(
    tx: Transaction,
    name: str,
    verifiers: Verifiers,
    domain: str,
    role: Role = Role.MEMBER,
    quota_octets: int | None = None,
) -> Account:
    """The account with its standard folders and the address `name@domain`. Raises UnusableName, AccountExists."""
    account = create_account(tx, name, role, verifiers=verifiers, quota_octets=quota_octets)
    open_mailbox(tx, account, domain)
    return account
