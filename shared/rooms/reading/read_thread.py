"""Reading a thread of a room page by page, in the order of the articles' numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.rooms.errors import ArticleNotFound
from shared.rooms.reading.article_line import ArticleLine, read_lines

ARTICLES = 50  # on a page

_THREAD_OF = """
    SELECT thread FROM thread_place JOIN article USING (folder_id, uid)
    WHERE folder_id = %s AND uid = %s AND cancelled_at IS NULL
"""
_HERE = """
    FROM thread_place AS place WHERE folder_id = %(folder_id)s AND thread = %(thread)s
    AND (SELECT cancelled_at IS NULL FROM article WHERE folder_id = %(folder_id)s AND article.uid = place.uid)
"""
_PAGE = f"SELECT uid {_HERE} AND uid > %(after)s ORDER BY uid LIMIT %(most)s"
_BEFORE = f"SELECT uid {_HERE} AND uid <= %(after)s ORDER BY uid DESC OFFSET %(most)s LIMIT 1"
_COUNT_BELOW = f"SELECT count(*) {_HERE} AND uid < %(uid)s"
_AT = f"SELECT uid {_HERE} ORDER BY uid OFFSET %(at)s LIMIT 1"
_LAST_UID = 2**31 - 1


class ThreadArticles(NamedTuple):
    """A page. The next one is that after the last number here; `is_last` says that there is none.

    `previous` is the `after` of the page before, None where this is the first.
    """

    articles: Sequence[ArticleLine]
    previous: int | None
    is_last: bool


def thread_of(tx: Transaction, folder_id: int, uid: int) -> int:
    """The thread that an article belongs to. Raises ArticleNotFound."""
    thread = tx.value(_THREAD_OF, (folder_id, min(uid, _LAST_UID)))
    if thread is None:
        raise ArticleNotFound
    return int(thread)


def read_thread(tx: Transaction, folder_id: int, thread: int, after: int = 0, most: int = ARTICLES) -> ThreadArticles:
    """The articles of the thread with numbers above `after`, at most `most` of them."""
    where = {"folder_id": folder_id, "thread": thread, "after": min(after, _LAST_UID), "most": most + 1}
    uids = [uid for (uid,) in tx.rows(_PAGE, where)]
    is_last = len(uids) <= most
    found = list(read_lines(tx, folder_id, uids[:most]).values())
    previous = None
    if after > 0:
        before = tx.value(_BEFORE, {**where, "most": most})
        previous = 0 if before is None else int(before)
    return ThreadArticles(found, previous, is_last)


def page_with(tx: Transaction, folder_id: int, thread: int, uid: int, most: int = ARTICLES) -> int:
    """The `after` of the page that the article is on, when pages are counted from the thread's beginning."""
    where = {"folder_id": folder_id, "thread": thread, "uid": uid}
    start = int(tx.value(_COUNT_BELOW, where)) // most * most
    return int(tx.value(_AT, {**where, "at": start - 1})) if start else 0
