"""The log of changes: what a change of a page leaves that makes no revision."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.wiki.page import Author, one_line

_CHANGE = """
    WITH change AS (
        INSERT INTO page_change (page_id, account_id, revision, kind, name, author, door, comment)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
    )
    INSERT INTO page_news (change_id) SELECT id FROM change
"""


def record_change(
    tx: Transaction,
    page_id: int,
    kind: str,
    name: str,
    revision: int,
    author: Author,
    comment: str = "",
    door: str = "",
) -> None:
    """`name` and `revision` are the page's at this time."""
    values = (page_id, author.account_id, revision, kind, name, author.shown, door, one_line(comment))
    tx.execute_with_next(_CHANGE, values)
