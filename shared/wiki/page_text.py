"""What is searched of a page, and its links: both are written by the commit that changes the page."""

from __future__ import annotations

from collections.abc import Set

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.search_words import search_text, title_words, words_vector

_TEXT = Prepared("""
    INSERT INTO page_text (page_id, title, words, grams) VALUES (%s::bigint, %s::tsvector, %s::tsvector, %s::text[])
    ON CONFLICT (page_id) DO UPDATE SET title = excluded.title, words = excluded.words, grams = excluded.grams
""")
_UNLINK = Prepared("DELETE FROM page_link WHERE page_id = %s::bigint AND target = ANY(%s::text[])")
_LINK = Prepared("INSERT INTO page_link (page_id, target) SELECT %s::bigint, unnest(%s::text[]) ON CONFLICT DO NOTHING")
_FORGET_LINKS = "DELETE FROM page_link WHERE page_id = %s"
_FORGET_TEXT = "DELETE FROM page_text WHERE page_id = %s"


def write_text(tx: Transaction, page_id: int, name: str, source: str) -> None:
    """Have the page found by its name and text."""
    text = search_text(source)
    grams = list(dict.fromkeys([*search_text(name).grams, *text.grams]))
    title = title_words(name)
    tx.execute_with_next(_TEXT, (page_id, words_vector(title), words_vector(text.words, title), grams))


def write_links(tx: Transaction, page_id: int, former: Set[str], links: Set[str]) -> None:
    """Have the page link to `links`, where it has linked to `former`."""
    if gone := sorted(former - links):
        tx.execute_with_next(_UNLINK, (page_id, gone))
    if come := sorted(links - former):
        tx.execute_with_next(_LINK, (page_id, come))


def forget_text(tx: Transaction, page_id: int) -> None:
    """A page that is deleted is not found, and links to nothing."""
    tx.execute_with_next(_FORGET_LINKS, (page_id,))
    tx.execute_with_next(_FORGET_TEXT, (page_id,))
