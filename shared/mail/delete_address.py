"""Letting mail for an address no longer reach an account."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.events.events import AccountChanged
from shared.mail.address import parse_address
from shared.mail.errors import AddressNotFound


def delete_address(tx: Transaction, address: str, account: Account | None = None) -> Sequence[AccountChanged]:
    """Let mail for `address` no longer reach `account`, or anybody. Raises BadAddress, AddressNotFound."""
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
    return [AccountChanged(account_id) for (account_id,) in rows]
