"""Listing pages by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction

_COLUMNS = """
    name, revision, octets, saved_at, author,
    coalesce((SELECT full_name FROM account WHERE account.id = page.account_id), '')
"""
_LIST = f"""
    SELECT {_COLUMNS} FROM page
    WHERE deleted_at IS NULL AND name > %s ORDER BY name LIMIT %s
"""
_WITH_PREFIX = f"""
    SELECT {_COLUMNS} FROM page
    WHERE deleted_at IS NULL AND name > %s AND name >= %s AND starts_with(name, %s) ORDER BY name LIMIT %s
"""
_ONE = f"SELECT {_COLUMNS} FROM page WHERE name = %s AND deleted_at IS NULL"


class PageLine(NamedTuple):
    """A page in a list."""

    name: str
    revision: int
    octets: int
    saved_at: datetime
    author: str
    author_name: str  # the account's full name; empty if it has told none


def list_pages(tx: Transaction, after: str = "", most: int = 1000, prefix: str = "") -> Sequence[PageLine]:
    """The pages behind the name `after`, in the order of code points; `prefix`: only those that begin so."""
    rows = tx.rows(_WITH_PREFIX, (after, prefix, prefix, most)) if prefix else tx.rows(_LIST, (after, most))
    return [PageLine(*row) for row in rows]


def page_line(tx: Transaction, name: str) -> PageLine | None:
    """The page of that very name; None if there is none."""
    row = tx.row(_ONE, (name,))
    return None if row is None else PageLine(*row)


def count_pages(tx: Transaction) -> int:
    """How many pages there are."""
    count: int = tx.value("SELECT count(*) FROM page WHERE deleted_at IS NULL")
    return count
