"""Searching pages: all of the words, or beginnings of words, in any script; pages whose name has them come first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.search_words import MOST_SEARCHED_CHARACTERS, grams_of, words_of
from shared.wiki.snippet import Snippet, snippet_of, title_of

MOST_WORDS = 16  # of a query; what is behind them is passed over
# Pages with the words that are looked at, of those that have them in the name and of those that have them at all: of
# words that every page has, the order of relevance is among these. Ranking 100,000 pages takes seconds.
MOST_RANKED = 300
MOST_HITS = 200
# Shorter words are not taken for the beginning of others: half of all words begin with one of ten letters.
SHORTEST_BEGINNING = 3

_BY_INDEX = "SET LOCAL enable_seqscan = off"  # PostgreSQL does not know what it costs to read a long text's words
_CANDIDATES = """
    (SELECT page_id FROM page_text WHERE title @@ %(exact)s::tsquery AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
    UNION
    (SELECT page_id FROM page_text WHERE words @@ %(exact)s::tsquery AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
"""
_MORE_CANDIDATES = """
    UNION
    (SELECT page_id FROM page_text WHERE title @@ %(begun)s::tsquery AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
    UNION
    (SELECT page_id FROM page_text WHERE words @@ %(begun)s::tsquery AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
"""
_FOUND = """
    SELECT page.name, source, page.saved_at FROM (
        SELECT page_id FROM (
            SELECT page_id, title @@ %(exact)s::tsquery AS titled, words @@ %(exact)s::tsquery AS whole,
                title @@ %(begun)s::tsquery AS titled_so, ts_rank(words, %(begun)s::tsquery) AS rank
            FROM page_text WHERE page_id IN ({})
        ) AS ranked ORDER BY titled DESC, whole DESC, titled_so DESC, rank DESC, page_id
        LIMIT %(most)s OFFSET %(after)s
    ) AS found
    JOIN page ON page.id = page_id
    JOIN page_change ON page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL
"""
_FOUND_BY_GRAMS = """
    SELECT page.name, source, page.saved_at FROM (
        SELECT page_id FROM page_text WHERE grams @> %(grams)s::text[] LIMIT %(ranked)s
    ) AS candidate
    JOIN page ON page.id = page_id
    JOIN page_change ON page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL
    ORDER BY starts_with(page.name, %(run)s) DESC, strpos(page.name, %(run)s) > 0 DESC, page.saved_at DESC, page.name
    LIMIT %(most)s OFFSET %(after)s
"""


class Hit(NamedTuple):
    """A page that was found."""

    name: str
    title: str  # its first heading, or its name
    snippet: str  # a piece of its source where the words are
    saved_at: datetime
    marks: Sequence[tuple[int, int]]  # where in `snippet` words begin and end


def search_pages(tx: Transaction, words: str, most: int = 20, after: int = 0) -> Sequence[Hit]:
    """The pages that have all of `words`, `after` so many of them; none for a query without a word."""
    wanted, runs = words_of(words)
    wanted, runs = wanted[:MOST_WORDS], runs[:MOST_WORDS]
    if not wanted and not runs:
        return ()
    asked: dict[str, Any] = {
        "exact": " & ".join(f"'{word}'" for word in wanted),
        "begun": " & ".join(f"'{word}':*" if len(word) >= SHORTEST_BEGINNING else f"'{word}'" for word in wanted),
        "grams": list(grams_of(runs)),
        "run": runs[0] if runs else "",
        "ranked": MOST_RANKED,
        "most": min(most, MOST_HITS),
        "after": max(after, 0),
    }
    if wanted:
        rows = _rows(tx, _FOUND.format(_CANDIDATES), asked)
        if len(rows) < asked["most"] and asked["begun"] != asked["exact"]:
            rows = _rows(tx, _FOUND.format(_CANDIDATES + _MORE_CANDIDATES), asked)
    else:
        rows = _rows(tx, _FOUND_BY_GRAMS, asked)
    hits: list[Hit] = []
    for name, source, saved_at in rows:
        text = source[: MOST_SEARCHED_CHARACTERS * 4].decode(errors="ignore")[:MOST_SEARCHED_CHARACTERS]
        snippet: Snippet = snippet_of(text, [*wanted, *runs])
        hits.append(Hit(name, title_of(text) or name, snippet.text, saved_at, snippet.marks))
    return hits


def _rows(tx: Transaction, sql: str, asked: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    tx.execute_with_next(_BY_INDEX)
    return tx.rows(sql, asked)
