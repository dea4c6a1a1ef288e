"""Backlinks: the pages that link to a page."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction

_BACKLINKS = """
    SELECT DISTINCT page.name FROM page_link JOIN page ON page.id = page_id
    WHERE page.name > %(after)s AND target IN (
        SELECT %(name)s
        UNION ALL
        SELECT page_redirect.name FROM page_redirect JOIN page AS renamed ON renamed.id = page_redirect.page_id
        WHERE renamed.name = %(name)s
    )
    ORDER BY page.name LIMIT %(most)s
"""


def backlinks(tx: Transaction, name: str, after: str = "", most: int = 1000) -> Sequence[str]:
    """The names of the pages that link to it, or to a former name of it, behind `after`; it need not be there."""
    return [found for (found,) in tx.rows(_BACKLINKS, {"name": name, "after": after, "most": most})]
