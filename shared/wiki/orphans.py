"""Orphans: pages that no other page links to."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.wiki.name import HOME

_ORPHANS = """
    SELECT name FROM page WHERE deleted_at IS NULL AND name > %s AND name <> %s
        AND NOT EXISTS (SELECT FROM page_link WHERE target = page.name AND page_id <> page.id)
        AND NOT EXISTS (
            SELECT FROM page_redirect JOIN page_link ON target = page_redirect.name
            WHERE page_redirect.page_id = page.id AND page_link.page_id <> page.id
        )
    ORDER BY name LIMIT %s
"""


def orphans(tx: Transaction, after: str = "", most: int = 1000) -> Sequence[str]:
    """Their names, behind `after`; the first page is none."""
    return [name for (name,) in tx.rows(_ORPHANS, (after, HOME, most))]
