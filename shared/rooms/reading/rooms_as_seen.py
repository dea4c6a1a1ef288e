"""Rooms as a list shows them: how many articles there are, how many the account has not seen, and the newest one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.folder import FolderId
from shared.folders.packed import array_literal
from shared.rooms.marks.view import folders_as_seen
from shared.rooms.reading.article_line import ArticleLine, read_line

_NEWEST = """
    SELECT wanted.folder_id, overview, message_id, came_at
    FROM unnest(%s::bigint[]) AS wanted (folder_id) CROSS JOIN LATERAL (
        SELECT overview, message_id, came_at FROM article WHERE folder_id = wanted.folder_id AND cancelled_at IS NULL
        ORDER BY uid DESC LIMIT 1
    ) AS newest
"""
_NO_ACCOUNT = 0  # accounts are numbered from 1


class RoomSeen(NamedTuple):
    """`unread` is 0 for a stranger; `newest` None in an empty room."""

    articles: int
    unread: int
    newest: ArticleLine | None
    came_at: datetime | None  # when the newest came


def rooms_as_seen(tx: Transaction, account_id: int | None, folder_ids: Sequence[int]) -> Mapping[int, RoomSeen]:
    """By number, in two round trips; a room that is gone is left out."""
    if not folder_ids:
        return {}
    rows = tx.rows(_NEWEST, (array_literal(folder_ids),))
    newest = {room: (read_line(line, message_id), came_at) for room, line, message_id, came_at in rows}
    folders = folders_as_seen(tx, _NO_ACCOUNT if account_id is None else account_id, folder_ids)
    found: dict[int, RoomSeen] = {}
    for folder_id in folder_ids:
        folder = folders.get(FolderId(folder_id))
        if folder is not None:
            line, came_at = newest.get(folder_id, (None, None))
            unread = 0 if account_id is None else folder.unseen
            found[folder_id] = RoomSeen(folder.messages, unread, line, came_at)
    return found
