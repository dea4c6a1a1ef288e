"""Listing a weblog: its posts, the newest first, of all time or of a month; the months; one post by its address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.rooms.errors import ArticleNotFound
from shared.rooms.reading.article_line import ArticleLine, read_line

POSTS = 20  # on a page
MONTHS = 240  # that a list of months shows: twenty years

_COLUMNS = """
    weblog_post.uid, month, slug, article.message_id, overview, article.came_at, account.name, account.full_name,
    (
        SELECT count(*) - 1 FROM (
            SELECT FROM thread_place AS place
            WHERE place.folder_id = weblog_post.folder_id
              AND thread = (
                  SELECT thread FROM thread_place AS own
                  WHERE own.folder_id = weblog_post.folder_id AND own.uid = weblog_post.uid
              )
              AND (
                  SELECT cancelled_at IS NULL FROM article AS its
                  WHERE its.folder_id = place.folder_id AND its.uid = place.uid
              )
            LIMIT 1000
        ) AS thread
    )
"""
_POSTS = f"""
    SELECT {_COLUMNS}
    FROM weblog_post JOIN article USING (folder_id, uid)
        LEFT JOIN identifier ON identifier.identifier = article.identifier
        LEFT JOIN account ON account.id = identifier.account_id
    WHERE weblog_post.folder_id = %(folder_id)s AND cancelled_at IS NULL
"""
_PAGE = f"""
    {_POSTS} AND weblog_post.uid < %(before)s AND (%(month)s::date IS NULL OR month = %(month)s::date)
    ORDER BY weblog_post.uid DESC LIMIT %(most)s
"""
_ONE = f"{_POSTS} AND month = %(month)s::date AND slug = %(slug)s"
_MONTHS = """
    SELECT month, count(*) FROM weblog_post JOIN article USING (folder_id, uid)
    WHERE folder_id = %s AND cancelled_at IS NULL GROUP BY month ORDER BY month DESC LIMIT %s
"""
_LAST_UID = 2**31 - 1


class WeblogPost(NamedTuple):
    """A post; `author` is its author's full name, as far as an account here wrote it, else that of From."""

    line: ArticleLine
    month: date
    slug: str
    came_at: datetime
    author: str
    replies: int  # no more than 999 are counted

    @property
    def uid(self) -> int:
        return self.line.uid


class WeblogPage(NamedTuple):
    """`before` is where the next page begins, None where this is the last."""

    posts: Sequence[WeblogPost]
    before: int | None


def list_weblog(
    tx: Transaction, folder_id: int, before: int | None = None, month: date | None = None, most: int = POSTS
) -> WeblogPage:
    """The posts with numbers below `before`, the newest first; of one month."""
    where = {"folder_id": folder_id, "before": before or _LAST_UID, "month": month, "most": most + 1}
    posts = [_post(*row) for row in tx.rows(_PAGE, where)]
    return WeblogPage(posts[:most], posts[most - 1].uid if len(posts) > most else None)


def find_post(tx: Transaction, folder_id: int, month: date, slug: str) -> WeblogPost:
    """Raises ArticleNotFound."""
    row = tx.row(_ONE, {"folder_id": folder_id, "month": month, "slug": slug})
    if row is None:
        raise ArticleNotFound
    return _post(*row)


def list_months(tx: Transaction, folder_id: int) -> Sequence[tuple[date, int]]:
    """The months that have posts, the newest first, and how many."""
    return [(month, count) for month, count in tx.rows(_MONTHS, (folder_id, MONTHS))]


def _post(
    _uid: int,
    month: date,
    slug: str,
    message_id: int,
    overview: bytes,
    came_at: datetime,
    name: str | None,
    full_name: str | None,
    replies: int,
) -> WeblogPost:
    line = read_line(overview, message_id)
    return WeblogPost(line, month, slug, came_at, full_name or name or line.author.name, max(0, replies))
