"""Names that begin with what was typed, for completion."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.wiki.list_pages import list_pages

MOST_NAMES = 100  # more than a screen has; typing goes on then


def accounts_like(tx: Transaction, beginning: str) -> Sequence[str]:
    """The first MOST_NAMES accounts whose names begin so, by name."""
    return _like(tx, "SELECT name FROM account WHERE name LIKE %s ORDER BY name LIMIT %s", beginning.lower())


def rooms_like(tx: Transaction, beginning: str) -> Sequence[str]:
    """The first MOST_NAMES rooms whose names begin so, by name."""
    return _like(tx, "SELECT name FROM room WHERE name LIKE %s ORDER BY name LIMIT %s", beginning)


def _like(tx: Transaction, query: str, beginning: str) -> Sequence[str]:
    pattern = beginning.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return [name for (name,) in tx.rows(query, (pattern, MOST_NAMES))]


def pages_like(tx: Transaction, beginning: str) -> Sequence[str]:
    """The first MOST_NAMES pages whose names begin so, by name."""
    return [page.name for page in list_pages(tx, most=MOST_NAMES, prefix=beginning)]
