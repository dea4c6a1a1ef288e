"""Searching the articles of rooms: all of the words, or beginnings of words, in any script; the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from shared.database.transaction import Transaction
from shared.folders.folder import FolderId
from shared.folders.packed import array_literal
from shared.rooms.reading.article_line import ArticleLine, read_line
from shared.search_words import SHORTEST_BEGINNING, grams_of, words_of

MOST_WORDS = 16  # of a query; what is behind them is passed over
MOST_HITS = 200
# Articles with the words that are sorted by age. Where there are more, those among the newest LOOKED_AT are found:
# words that so many have are in those, too.
MOST_SORTED = 2_000
LOOKED_AT = 5_000

_FITS = "words @@ %(words)s::tsquery"
_FITS_GRAMS = "grams @> %(grams)s::text[] AND grams <> '{}'"
_CANDIDATES = """
    SELECT folder_id, uid FROM article_text WHERE {} AND folder_id = ANY(%(rooms)s::bigint[]) LIMIT %(sorted)s
"""
_NEWEST = """
    SELECT folder_id, uid FROM (SELECT * FROM article_text ORDER BY id DESC LIMIT %(looked_at)s) AS article_text
    WHERE {} AND folder_id = ANY(%(rooms)s::bigint[])
"""
_FOUND = """
    SELECT found.folder_id, overview, message_id, came_at, month, slug
    FROM (
        SELECT folder_id, overview, message_id, came_at, uid
        FROM unnest(%(folders)s::bigint[], %(uids)s::integer[]) AS candidate (folder_id, uid)
            JOIN article USING (folder_id, uid)
        WHERE cancelled_at IS NULL ORDER BY came_at DESC, folder_id, uid DESC LIMIT %(most)s OFFSET %(after)s
    ) AS found LEFT JOIN weblog_post USING (folder_id, uid)
    ORDER BY came_at DESC, found.folder_id, uid DESC
"""


class ArticleHit(NamedTuple):
    """An article that was found; `month` and `slug` are of a post of the weblog."""

    folder_id: FolderId
    line: ArticleLine
    came_at: datetime
    month: date | None
    slug: str | None


def search_articles(
    tx: Transaction, words: str, folder_ids: Sequence[int], most: int = 20, after: int = 0
) -> Sequence[ArticleHit]:
    """The articles of these rooms that have all of `words`, `after` so many; none for a query without a word."""
    wanted, runs = words_of(words)
    wanted, runs = wanted[:MOST_WORDS], runs[:MOST_WORDS]
    if not (wanted or runs) or not folder_ids:
        return ()
    conditions = [_FITS] * bool(wanted) + [_FITS_GRAMS] * bool(runs)
    fits = " AND ".join(conditions)
    asked: dict[str, Any] = {
        "words": " & ".join(f"'{word}':*" if len(word) >= SHORTEST_BEGINNING else f"'{word}'" for word in wanted),
        "grams": list(grams_of(runs)),
        "rooms": array_literal(folder_ids),
        "sorted": MOST_SORTED,
        "looked_at": LOOKED_AT,
    }
    candidates = tx.rows(_CANDIDATES.format(fits), asked)
    if len(candidates) >= MOST_SORTED:
        candidates = tx.rows(_NEWEST.format(fits), asked) or candidates
    if not candidates:
        return ()
    folders, uids = zip(*candidates, strict=True)
    places = {
        "folders": array_literal(folders),
        "uids": array_literal(uids),
        "most": min(most, MOST_HITS),
        "after": max(after, 0),
    }
    return [
        ArticleHit(FolderId(folder_id), read_line(overview, message_id), came_at, month, slug)
        for folder_id, overview, message_id, came_at, month, slug in tx.rows(_FOUND, places)
    ]
