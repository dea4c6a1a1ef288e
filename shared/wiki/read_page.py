"""Reading a page."""

from __future__ import annotations

from typing import Any

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.wiki.errors import PageMoved, PageNotFound, RevisionNotFound
from shared.wiki.page import COLUMNS, Page, page_from

_NEWEST = Prepared(f"""
    SELECT {COLUMNS} FROM page
    JOIN page_change ON page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL
    LEFT JOIN account ON account.id = page_change.account_id
    WHERE page.name = %s AND deleted_at IS NULL
""")
_REVISION = f"""
    SELECT {COLUMNS} FROM page
    JOIN page_change ON page_change.page_id = page.id AND source IS NOT NULL
    LEFT JOIN account ON account.id = page_change.account_id
    WHERE page.name = %s AND deleted_at IS NULL AND page_change.revision = %s
"""
_THERE = "SELECT EXISTS (SELECT FROM page WHERE name = %s AND deleted_at IS NULL)"
_THERE_OR_MOVED = """
    SELECT EXISTS (SELECT FROM page WHERE name = %(name)s AND deleted_at IS NULL), (
        SELECT page.name FROM page_redirect JOIN page ON page.id = page_id
        WHERE page_redirect.name = %(name)s AND deleted_at IS NULL
    )
"""
MOST_REVISION = 2**31 - 1  # of an integer in the store


def read_page(tx: Transaction, name: str, revision: int | None = None) -> Page:
    """The newest revision of the page, or the one that is asked for. `name` is as page_name() gives it.

    Raises PageNotFound, PageMoved (a kind of it), RevisionNotFound.
    """
    row = _row(tx, name, revision)
    if row is None:
        is_there, moved_to = tx.rows(_THERE_OR_MOVED, {"name": name})[0]
        if not is_there:
            raise PageNotFound(name) if moved_to is None else PageMoved(name, moved_to)
        row = _row(tx, name, revision)  # once more: the page has come, or come back to this name, since
        if row is None:
            raise PageNotFound(name) if revision is None else RevisionNotFound(revision)
    return page_from(row)


def _row(tx: Transaction, name: str, revision: int | None) -> tuple[Any, ...] | None:
    if revision is None:
        return tx.row(_NEWEST, (name,))
    return tx.row(_REVISION, (name, revision)) if 0 < revision <= MOST_REVISION else None


def has_page(tx: Transaction, name: str) -> bool:
    """Whether there is a page of that very name; a former name of a page is none."""
    return bool(tx.value(_THERE, (name,)))
