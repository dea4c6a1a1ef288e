"""The room that is left in an account's quota."""

from __future__ import annotations

from collections.abc import Collection

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

_LEFT = """
    SELECT account.id, account.quota_octets - coalesce(sum(folder.octets), 0)
    FROM account LEFT JOIN folder ON folder.account_id = account.id
    WHERE account.id = ANY(%s::bigint[]) AND account.quota_octets IS NOT NULL
    GROUP BY account.id
"""


def octets_left(tx: Transaction, account_ids: Collection[int]) -> dict[int, int]:
    """Octets each account has left, below zero when it has more than its quota; unlimited accounts are left out.

    What other transactions put into other folders of an account at the same moment is not seen: a quota may be
    overrun by as much as comes in at once, and by no more.
    """
    if not account_ids:
        return {}
    return {account_id: int(left) for account_id, left in tx.rows(_LEFT, (array_literal(account_ids),))}
