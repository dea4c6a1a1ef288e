"""Finding a page's newest revision, without its source: what open pages ask when something has happened to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from shared.database.transaction import Transaction

_NEWEST = """
    SELECT revision, coalesce(full_name, author), saved_at, deleted_at IS NULL
    FROM page LEFT JOIN account ON account.id = account_id WHERE page.name = %s
"""


class NewestRevision(NamedTuple):
    """`author` is as others see them; revision 0 for a page that never was."""

    revision: int
    author: str
    saved_at: datetime | None
    is_there: bool


def newest_revision(tx: Transaction, name: str) -> NewestRevision:
    """That of the page called `name`, in its one spelling; of a deleted one the last."""
    row = tx.row(_NEWEST, (name,))
    if row is None:
        return NewestRevision(0, "", None, is_there=False)
    revision, author, saved_at, is_there = row
    return NewestRevision(revision, author, saved_at.astimezone(UTC), is_there)
