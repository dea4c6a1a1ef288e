"""Searching pages: all of the words, or beginnings of words, in any script; pages whose name has them come first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.wiki.search_words import MOST_SEARCHED_CHARACTERS, grams_of, words_of
from shared.wiki.snippet import Snippet, snippet_of, title_of

MOST_WORDS = 16  # of a query; what is behind them is passed over
# Pages with the words that are looked at, those with the lowest numbers: of words that half of all pages have, the
# order of relevance is among these. Ranking 100,000 pages takes seconds.
MOST_RANKED = 1_000
MOST_HITS = 200

_FOUND = """
    SELECT page.name, source, page.saved_at FROM (
        SELECT page_id, ts_rank(words, query) + 10 * (words @@ titled)::integer AS rank
        FROM (
            (SELECT page_id, words FROM page_text, to_tsquery('simple', %(titled)s) AS titled
                WHERE words @@ titled AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
            UNION
            (SELECT page_id, words FROM page_text, to_tsquery('simple', %(words)s) AS query
                WHERE words @@ query AND grams @> %(grams)s::text[] LIMIT %(ranked)s)
        ) AS candidate, to_tsquery('simple', %(words)s) AS query, to_tsquery('simple', %(titled)s) AS titled
    ) AS ranked
    JOIN page ON page.id = page_id
    JOIN page_change ON page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL
    ORDER BY rank DESC, page.name LIMIT %(most)s OFFSET %(after)s
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
    asked = {
        "words": " & ".join(f"'{word}':*" for word in wanted),
        "titled": " & ".join(f"'{word}':*A" for word in wanted),
        "grams": list(grams_of(runs)),
        "run": runs[0] if runs else "",
        "ranked": MOST_RANKED,
        "most": min(most, MOST_HITS),
        "after": max(after, 0),
    }
    rows = tx.rows(_FOUND if wanted else _FOUND_BY_GRAMS, asked)
    hits: list[Hit] = []
    for name, source, saved_at in rows:
        text = source[: MOST_SEARCHED_CHARACTERS * 4].decode(errors="ignore")[:MOST_SEARCHED_CHARACTERS]
        snippet: Snippet = snippet_of(text, [*wanted, *runs])
        hits.append(Hit(name, title_of(text) or name, snippet.text, saved_at, snippet.marks))
    return hits
