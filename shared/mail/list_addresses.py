"""Which addresses lead to which accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.accounts.account import Account
from shared.database.transaction import Transaction


class AddressLine(NamedTuple):
    """An address, and the name of one account that it leads to."""

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
