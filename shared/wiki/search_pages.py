"""Searching pages: all of the words, or beginnings of words, in any script; pages whose name has them come first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.search_words import MOST_SEARCHED_CHARACTERS, SHORTEST_BEGINNING, grams_of, words_of
from shared.snippet import Snippet, snippet_of, title_of

MOST_WORDS = 16  # of a query; what is behind them is passed over
# Pages with the words that are looked at, of those that have them in the name and of those that have them at all: of
# words that every page has, the order of relevance is among these. Ranking 100,000 pages takes seconds.
MOST_RANKED = 300
MOST_HITS = 200


def _statement(condition: str) -> Prepared:
    """Beginnings of words are looked for where the whole words are not on enough pages.

    It is planned for all values and, maybe, for tables that were nearly empty, and has but one good plan: words are
    found by their indexes (`page_id + 0` is not what another one is sorted by), and what is behind LATERAL … OFFSET 0
    is looked up by key for each page that was found.
    """
    by_title, by_text, by_begun_title, by_begun_text = (
        f"(SELECT page_id + 0 AS page_id FROM page_text WHERE {words}{condition} LIMIT %(ranked)s::integer)"
        for words in (
            "title @@ %(exact)s::tsquery",
            "words @@ %(exact)s::tsquery",
            "(SELECT count(*) FROM exact) < %(enough)s::integer AND title @@ %(begun)s::tsquery",
            "(SELECT count(*) FROM exact) < %(enough)s::integer AND words @@ %(begun)s::tsquery",
        )
    )
    return Prepared(f"""
        WITH exact AS MATERIALIZED ({by_title} UNION {by_text}),
        candidate AS MATERIALIZED (SELECT page_id FROM exact UNION {by_begun_title} UNION {by_begun_text}),
        found AS (
            SELECT ranked.* FROM candidate CROSS JOIN LATERAL (
                SELECT page_id, title @@ %(exact)s::tsquery AS titled, words @@ %(exact)s::tsquery AS whole,
                    title @@ %(begun)s::tsquery AS titled_so, ts_rank(words, %(begun)s::tsquery) AS rank
                FROM page_text WHERE page_text.page_id = candidate.page_id OFFSET 0
            ) AS ranked
            ORDER BY titled DESC, whole DESC, titled_so DESC, rank DESC, page_id
            LIMIT %(most)s::integer OFFSET %(after)s::integer
        )
        SELECT newest.* FROM found CROSS JOIN LATERAL (
            SELECT page.name, source, page.saved_at FROM page JOIN page_change
                ON page_change.page_id = page.id AND page_change.revision = page.revision AND source IS NOT NULL
            WHERE page.id = found.page_id OFFSET 0
        ) AS newest
        ORDER BY titled DESC, whole DESC, titled_so DESC, rank DESC, found.page_id
    """)


_FOUND = _statement("")
_FOUND_WITH_GRAMS = _statement(" AND grams @> %(grams)s::text[]")
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
    most, after = min(most, MOST_HITS), max(after, 0)
    asked: dict[str, Any] = {
        "exact": " & ".join(f"'{word}'" for word in wanted),
        "begun": " & ".join(f"'{word}':*" if len(word) >= SHORTEST_BEGINNING else f"'{word}'" for word in wanted),
        "grams": list(grams_of(runs)),
        "run": runs[0] if runs else "",
        "ranked": MOST_RANKED,
        "most": most,
        "after": after,
        "enough": most + after,
    }
    statement = (_FOUND_WITH_GRAMS if runs else _FOUND) if wanted else _FOUND_BY_GRAMS
    rows = tx.rows(statement, asked)
    hits: list[Hit] = []
    for name, source, saved_at in rows:
        text = source[: MOST_SEARCHED_CHARACTERS * 4].decode(errors="ignore")[:MOST_SEARCHED_CHARACTERS]
        snippet: Snippet = snippet_of(text, [*wanted, *runs], is_markdown=True)
        hits.append(Hit(name, title_of(text) or name, snippet.text, saved_at, snippet.marks))
    return hits
