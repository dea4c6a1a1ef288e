"""Giving the posts of a weblog their addresses. A post is an article that answers none; answers are its replies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from shared.database.transaction import Transaction
from shared.rooms.reading.article_line import read_line
from shared.rooms.reading.slug import slug_of

STEP = 1_000  # articles in one transaction

_CREATE = "INSERT INTO weblog_reach (folder_id) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT reached FROM weblog_reach WHERE folder_id = %s FOR NO KEY UPDATE"
_IS_PLACED = """
    SELECT coalesce((SELECT max(uid) FROM article WHERE folder_id = %(folder_id)s), 0)
        <= coalesce((SELECT reached FROM weblog_reach WHERE folder_id = %(folder_id)s), 0)
"""
_NEW = """
    SELECT uid, message_id, overview, came_at AT TIME ZONE 'UTC'
    FROM article WHERE folder_id = %s AND uid > %s ORDER BY uid LIMIT %s
"""
_TAKE = """
    INSERT INTO weblog_post (folder_id, uid, month, slug) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
_REACHED = "UPDATE weblog_reach SET reached = %s WHERE folder_id = %s"


def is_weblog_placed(tx: Transaction, folder_id: int) -> bool:
    """Whether every article has been looked at."""
    return bool(tx.value(_IS_PLACED, {"folder_id": folder_id}))


def place_weblog(tx: Transaction, folder_id: int, most: int = STEP) -> bool:
    """Place the next articles, at most `most`; whether none was left. Of one title the second of a month has its
    number behind it."""
    tx.execute_with_next(_CREATE, (folder_id,))
    reached = tx.value(_LOCK, (folder_id,))
    new: Sequence[tuple[int, int, bytes, date]] = [
        (uid, message_id, overview, came_at.date().replace(day=1))
        for uid, message_id, overview, came_at in tx.rows(_NEW, (folder_id, reached, most))
    ]
    if not new:
        return True
    for uid, message_id, overview, month in new:
        line = read_line(overview, message_id)
        if line.references:
            continue
        slug = slug_of(line.subject)
        if not tx.execute(_TAKE, (folder_id, uid, month, slug)):
            tx.execute(_TAKE, (folder_id, uid, month, f"{slug}-{uid}"))
    tx.execute(_REACHED, (new[-1][0], folder_id))
    return len(new) < most
