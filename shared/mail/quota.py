"""How much an account keeps, and may keep."""

from __future__ import annotations

from dataclasses import dataclass

from shared.accounts.errors import AccountNotFound
from shared.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit_octets` None: no limit. A message in two folders of an account counts twice."""

    used_octets: int
    limit_octets: int | None

    def holds(self, size_octets: int) -> bool:
        """Whether so much more fits."""
        return self.limit_octets is None or self.used_octets + size_octets <= self.limit_octets


def quota_of(tx: Transaction, account_id: int) -> Quota:
    """Raises AccountNotFound."""
    row = tx.row(
        "SELECT (SELECT coalesce(sum(octets), 0) FROM folder WHERE account_id = account.id), quota_octets"
        " FROM account WHERE id = %s",
        (account_id,),
    )
    if row is None:
        raise AccountNotFound
    return Quota(int(row[0]), row[1])
