"""What is new in the store since a number: posts of rooms, and changes of pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction

MOST = 500  # of one look
# Numbers are given out before the commit, so that a lower one may be seen after a higher one.
OVERLAP = 200
_POSTS = f"""
    SELECT article.message_id, article.came_at, room.name, article.uid, identifier.door, account.name,
           identifier.network, article.identifier
    FROM article JOIN room ON room.folder_id = article.folder_id
    LEFT JOIN identifier ON identifier.identifier = article.identifier
    LEFT JOIN account ON account.id = identifier.account_id
    WHERE article.message_id > %s ORDER BY article.message_id LIMIT {MOST}
"""
_CHANGES = f"""
    SELECT id, changed_at, name, revision, kind, author, door FROM page_change
    WHERE id > %s ORDER BY id LIMIT {MOST}
"""


class NewPost(NamedTuple):
    """A post that came to a room."""

    number: int
    at: datetime
    room: str
    uid: int
    door: str | None
    account: str | None
    network: str | None
    identifier: bytes


class NewChange(NamedTuple):
    """A change of a page."""

    number: int
    at: datetime
    page: str
    revision: int
    kind: str
    author: str
    door: str


def newest_numbers(tx: Transaction) -> tuple[int, int]:
    """The highest number of a message, and of a change of a page."""
    row = tx.row("SELECT (SELECT coalesce(max(id), 0) FROM message), (SELECT coalesce(max(id), 0) FROM page_change)")
    assert row is not None
    return row[0], row[1]


def new_since(
    tx: Transaction, message: int | None, change: int | None
) -> tuple[Sequence[NewPost], Sequence[NewChange]]:
    """Posts and changes of pages behind these numbers, the oldest first, and some up to them again; None: none are."""
    posts = () if message is None else [NewPost(*row) for row in tx.rows(_POSTS, (message - OVERLAP,))]
    changes = () if change is None else [NewChange(*row) for row in tx.rows(_CHANGES, (change - OVERLAP,))]
    return posts, changes
