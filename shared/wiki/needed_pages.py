"""Needed pages: what is linked to, and is no page yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction

_NEEDED = """
    SELECT target, wanted_by FROM (
        SELECT target, count(*) AS wanted_by FROM page_link GROUP BY target
    ) AS linked
    WHERE NOT EXISTS (SELECT FROM page WHERE name = target AND deleted_at IS NULL)
        AND NOT EXISTS (SELECT FROM page_redirect WHERE name = target)
        AND (wanted_by < %(count)s OR (wanted_by = %(count)s AND target > %(name)s))
    ORDER BY wanted_by DESC, target LIMIT %(most)s
"""
_MOST_COUNT = 2**62


class Needed(NamedTuple):
    """A name that `wanted_by` pages link to."""

    name: str
    wanted_by: int


def needed_pages(tx: Transaction, after: Needed | None = None, most: int = 1000) -> Sequence[Needed]:
    """Those behind `after`, the most wanted first, then by name."""
    name, count = after or Needed("", _MOST_COUNT)
    rows = tx.rows(_NEEDED, {"name": name, "count": count, "most": most})
    return [Needed(*row) for row in rows]
