"""Names that begin with what was typed, for completion."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.senders.list_rules import list_sender_rules
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


def sender_rules_like(tx: Transaction, beginning: str) -> Sequence[str]:
    """The first MOST_NAMES rules about senders whose names begin so, by name."""
    return [line.name for line in list_sender_rules(tx, beginning, MOST_NAMES)]
