"""The addresses that mail is kept for, and the accounts they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.accounts.account import Account
from shared.accounts.channel import AccountChanged
from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.mail.address import parse_address
from shared.mail.errors import AddressExists, AddressNotFound, DomainNotLocal


class AddressLine(NamedTuple):
    """An address, and the name of one account that it leads to, or an address elsewhere."""

    address: str
    account: str


def list_addresses(tx: Transaction, account: Account | None = None) -> Sequence[AddressLine]:
    """The addresses of one account, or all, by domain and local part."""
    rows = tx.rows(
        "SELECT local_part || '@' || domain, account.name FROM address JOIN account ON account.id = account_id"
        " WHERE %(account_id)s::bigint IS NULL OR account_id = %(account_id)s"
        ' ORDER BY domain COLLATE "C", local_part COLLATE "C", account.name COLLATE "C"',
        {"account_id": None if account is None else account.id},
    )
    return [AddressLine(*row) for row in rows]


def add_address(tx: Transaction, account: Account, address: str) -> None:
    """Let mail for `address` reach `account`, besides the accounts that it reaches already.

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
    tx.announce(AccountChanged(account.id))


def delete_address(tx: Transaction, address: str, account: Account | None = None) -> None:
    """Let mail for `address` no longer reach `account`; without an account, nobody.

    Raises BadAddress, AddressNotFound.
    """
    parsed = parse_address(address)
    rows = tx.rows(
        "DELETE FROM address WHERE local_part = %(local_part)s AND domain = %(domain)s"
        " AND (%(account_id)s::bigint IS NULL OR account_id = %(account_id)s) RETURNING account_id",
        {
            "local_part": parsed.local_part,
            "domain": parsed.domain,
            "account_id": None if account is None else account.id,
        },
    )
    if not rows:
        raise AddressNotFound
    for (account_id,) in rows:
        tx.announce(AccountChanged(account_id))
