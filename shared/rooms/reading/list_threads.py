"""Listing a room's threads, those with the newest articles first, page by page.

Only what place_in_threads() has placed is seen. A page costs what it shows and what it passes over: a thread that has
articles newer than the page is passed over, up to WINDOW articles for each page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal
from shared.rooms.reading.article_line import ArticleLine, read_lines

THREADS = 30  # on a page
FIRST_WINDOW = 500  # articles looked at first, which nearly always are enough
WINDOW = 10_000  # articles looked at for a page: 50 ms
MOST_COUNTED = 10_000  # articles of a thread; in longer ones no more are counted

_LAST_UID = 2**31 - 1
# A subquery for a value is a look into an index for each row, whatever the tables' statistics say. A join of many
# articles that nothing has counted yet took ten times as long.
_IS_THERE = "(SELECT cancelled_at IS NULL FROM article WHERE folder_id = %(folder_id)s AND article.uid = place.uid)"
_RECENT = """
    SELECT uid, thread FROM thread_place WHERE folder_id = %(folder_id)s AND uid < %(before)s
    ORDER BY uid DESC LIMIT %(window)s
"""
_PAGE = f"""
    WITH recent AS MATERIALIZED ({_RECENT}),
    newest AS MATERIALIZED (
        SELECT each.thread, (
            SELECT uid FROM thread_place AS place
            WHERE folder_id = %(folder_id)s AND thread = each.thread AND {_IS_THERE} ORDER BY uid DESC LIMIT 1
        ) AS uid
        FROM (SELECT DISTINCT thread FROM recent) AS each
    )
    SELECT uid, thread FROM newest WHERE uid < %(before)s AND uid >= (SELECT min(uid) FROM recent)
    ORDER BY uid DESC LIMIT %(most)s
"""
_END = f"SELECT min(uid), count(*) FROM ({_RECENT}) AS recent"
_COUNT = f"""
    SELECT wanted.thread, counted.*
    FROM unnest(%(threads)s::bigint[]) AS wanted (thread) LEFT JOIN LATERAL (
        SELECT min(uid), max(uid), count(*)::integer,
               (count(*) FILTER (
                   WHERE %(account_id)s::bigint IS NOT NULL AND NOT coalesce(seen @> uid, false)
               ))::integer
        FROM (
            SELECT uid FROM thread_place AS place
            WHERE folder_id = %(folder_id)s AND thread = wanted.thread AND {_IS_THERE}
            ORDER BY uid DESC LIMIT %(counted)s
        ) AS here LEFT JOIN mark ON mark.account_id = %(account_id)s::bigint AND mark.folder_id = %(folder_id)s
    ) AS counted ON true
"""


class ThreadLine(NamedTuple):
    """A thread in a list. Of one longer than MOST_COUNTED, `first` is the first of the newest so many."""

    first: ArticleLine
    last: ArticleLine
    articles: int
    unread: int  # 0 for a stranger


class ThreadPage(NamedTuple):
    """`before` is where the next page begins, None where this is the last."""

    threads: Sequence[ThreadLine]
    before: int | None


def list_threads(
    tx: Transaction, folder_id: int, account_id: int | None, before: int | None = None, most: int = THREADS
) -> ThreadPage:
    """The threads whose newest article is below the number `before`, the newest first, as the account sees them."""
    where = {
        "folder_id": folder_id,
        "before": _LAST_UID if before is None else min(before, _LAST_UID),
        "most": most + 1,
    }
    found: Sequence[tuple[int, int]] = ()
    for window in (FIRST_WINDOW, WINDOW):
        where["window"] = window
        found = [(uid, thread) for uid, thread in tx.rows(_PAGE, where)]
        if len(found) > most:
            break
    following: int | None = None
    if len(found) > most:
        found = found[:most]
        following = found[-1][0]
    else:
        lowest, looked_at = tx.row(_END, where) or (None, 0)
        following = lowest if looked_at == WINDOW else None
    return ThreadPage(_lines(tx, folder_id, account_id, [thread for _, thread in found]), following)


def thread_line(tx: Transaction, folder_id: int, account_id: int | None, thread: int) -> ThreadLine | None:
    """One of them by its number; None when nothing of it is left."""
    return next(iter(_lines(tx, folder_id, account_id, [thread])), None)


def _lines(tx: Transaction, folder_id: int, account_id: int | None, threads: Sequence[int]) -> Sequence[ThreadLine]:
    if not threads:
        return ()
    counts = _counts(tx, folder_id, account_id, threads)
    ends = {uid for first, last, *_ in counts.values() for uid in (first, last)}
    lines = read_lines(tx, folder_id, ends)
    found = []
    for thread in threads:
        first, last, articles, unread = counts.get(thread, (0, 0, 0, 0))
        if first in lines and last in lines:
            found.append(ThreadLine(lines[first], lines[last], articles, unread))
    return found


def _counts(
    tx: Transaction, folder_id: int, account_id: int | None, threads: Iterable[int]
) -> Mapping[int, tuple[int, int, int, int]]:
    parameters = {
        "folder_id": folder_id,
        "account_id": account_id,
        "threads": array_literal(threads),
        "counted": MOST_COUNTED,
    }
    return {
        thread: (first, last, articles, unread)
        for thread, first, last, articles, unread in tx.rows(_COUNT, parameters)
        if articles
    }
