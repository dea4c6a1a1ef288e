"""Locking one page, for changes that are no saves."""

from __future__ import annotations

from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.errors import PageNotFound

_LOCK = "SELECT id, revision, deleted_at IS NULL, writers FROM page WHERE name = %s AND revision > 0 FOR UPDATE"


class LockedPage(NamedTuple):
    """A page that nobody else changes until the transaction ends."""

    id: int
    name: str
    revision: int
    is_there: bool  # not deleted
    writers: str | None


def lock_page(tx: Transaction, name: str) -> LockedPage:
    """The page of that very name, deleted or not. Raises PageNotFound."""
    row = tx.row(_LOCK, (name,))
    if row is None:
        raise PageNotFound(name)
    page_id, revision, is_there, writers = row
    return LockedPage(page_id, name, revision, is_there, writers)


def lock_present_page(tx: Transaction, name: str) -> LockedPage:
    """The page of that very name if it is there. Raises PageNotFound."""
    page = lock_page(tx, name)
    if not page.is_there:
        raise PageNotFound(name)
    return page
