"""What tests of mail begin with: accounts that receive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from shared.accounts.account import Account, Role
from shared.accounts.create_account import create_account
from shared.database.transaction import Transaction
from shared.mail.open_mailbox import open_mailbox

DOMAIN = "example.org"
_numbers = count(1)


def a_member(
    tx: Transaction, name: str | None = None, role: Role = Role.MEMBER, quota_octets: int | None = None
) -> Account:
    """An account with mailbox and address at DOMAIN."""
    account = create_account(tx, name or f"member{next(_numbers)}", role, quota_octets=quota_octets)
    open_mailbox(tx, account, DOMAIN)
    return account


def members(tx: Transaction, *names: str) -> Sequence[Account]:
    return [a_member(tx, name) for name in names]
