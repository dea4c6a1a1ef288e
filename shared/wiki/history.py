"""The history of a page: its revisions, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.errors import PageNotFound
from shared.wiki.page import FULL_NAME
from shared.wiki.read_page import MOST_REVISION

_HISTORY = f"""
    SELECT page_change.revision, page_change.octets, page_change.changed_at, page_change.author, {FULL_NAME},
        page_change.comment, page_change.minor, page_change.merged, page_change.door, page_change.name
    FROM page_change LEFT JOIN account ON account.id = page_change.account_id
    WHERE page_id = %s AND page_change.revision < %s AND source IS NOT NULL
    ORDER BY page_change.revision DESC LIMIT %s
"""


class RevisionLine(NamedTuple):
    """A revision in a list."""

    revision: int
    octets: int
    saved_at: datetime
    author: str
    author_name: str
    comment: str
    minor: bool
    merged: bool
    door: str
    name: str  # the page's at that time


def page_history(tx: Transaction, name: str, before: int | None = None, most: int = 100) -> Sequence[RevisionLine]:
    """The revisions below the number `before`; those of a deleted page, too. Raises PageNotFound."""
    page_id = tx.value("SELECT id FROM page WHERE name = %s AND revision > 0", (name,))
    if page_id is None:
        raise PageNotFound(name)
    upper = MOST_REVISION if before is None else min(before, MOST_REVISION)
    return [RevisionLine(*row) for row in tx.rows(_HISTORY, (page_id, upper, most))]
