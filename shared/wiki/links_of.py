"""The links of a page, and which of some names are pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction

_LINKS = "SELECT target FROM page_link WHERE page_id = %s AND target > %s ORDER BY target LIMIT %s"
_THERE = Prepared("""
    SELECT name FROM page WHERE name = ANY(%s::text[]) AND deleted_at IS NULL
    UNION ALL
    SELECT page_redirect.name FROM page_redirect JOIN page ON page.id = page_id
    WHERE page_redirect.name = ANY(%s::text[]) AND deleted_at IS NULL
""")


def links_of(tx: Transaction, page_id: int, after: str = "", most: int = 5000) -> Sequence[str]:
    """The names that the page links to, whether they are pages or not, behind `after`."""
    return [target for (target,) in tx.rows(_LINKS, (page_id, after, most))]


def those_there(tx: Transaction, names: Iterable[str]) -> Set[str]:
    """Which of the names lead to a page, be it a former name of it."""
    asked = list(names)
    return frozenset(name for (name,) in tx.rows(_THERE, (asked, asked))) if asked else frozenset()
