"""Listing the limits of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.access.limits.account_access import COLUMNS, NOTHING_SAID, AccountAccess, access_of
from shared.database.transaction import Transaction


class LimitLine(NamedTuple):
    """The limits of an account that has some of its own; `account` None: of everybody else."""

    account: str | None
    access: AccountAccess


def limits_of(tx: Transaction, account_id: int | None) -> AccountAccess:
    """The limits of an account, its own or else everybody's; with None, everybody's."""
    rows = {
        of: row
        for of, *row in tx.rows(
            f"SELECT account_id, {COLUMNS} FROM access_limit WHERE account_id IS NULL OR account_id = %s", (account_id,)
        )
    }
    everybody = access_of(rows.pop(None, NOTHING_SAID))
    return access_of(rows[account_id], everybody) if account_id in rows else everybody


def list_limits(tx: Transaction) -> Sequence[LimitLine]:
    """Everybody's first, then by account."""
    rows = tx.rows(
        f"SELECT name, {COLUMNS} FROM access_limit LEFT JOIN account ON account.id = account_id"
        ' ORDER BY name COLLATE "C" NULLS FIRST'
    )
    own = {name: row for name, *row in rows}
    everybody = access_of(own.pop(None, NOTHING_SAID))
    return [LimitLine(None, everybody), *(LimitLine(name, access_of(row, everybody)) for name, row in own.items())]
