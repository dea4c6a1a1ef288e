"""Letting mail for an address reach an account."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.events.events import AccountChanged
from shared.mail.address import parse_address
from shared.mail.errors import AddressExists, DomainNotLocal


def add_address(tx: Transaction, account: Account, address: str) -> Sequence[AccountChanged]:
    """Let mail for `address` reach `account`, besides whoever it reaches already.

    Raises BadAddress, DomainNotLocal where mail for the domain is not kept here, AddressExists, AccountNotFound.
    """
    parsed = parse_address(address)
    if tx.value("SELECT true FROM domain WHERE name = %s FOR KEY SHARE", (parsed.domain,)) is None:
        raise DomainNotLocal
    with referring(AccountNotFound):
        added = tx.execute(
            "INSERT INTO address (local_part, domain, account_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (parsed.local_part, parsed.domain, account.id),
        )
    if not added:
        raise AddressExists
    return [AccountChanged(account.id)]
