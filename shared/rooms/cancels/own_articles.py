"""Which articles an account has posted."""

from __future__ import annotations

from collections.abc import Sequence, Set

from shared.database.transaction import Transaction

_OWN = "SELECT identifier FROM identifier WHERE identifier = ANY(%s::bytea[]) AND account_id = %s"


def own_articles(tx: Transaction, account_id: int, identifiers: Sequence[bytes]) -> Set[bytes]:
    """Those of `identifiers` whose author is the account, whatever their From says: it may cancel them."""
    return {bytes(identifier) for (identifier,) in tx.rows(_OWN, (list(identifiers), account_id))}
