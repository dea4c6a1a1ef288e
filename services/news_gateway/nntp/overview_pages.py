"""Lines of OVER in pages: ready as the store has them, never all in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.news_gateway.nntp.article_range import ArticleRange
from shared.database.database import Database
from shared.rooms.reading.articles import overviews

FIRST_LINES = 512  # few at first, so that a newsreader can show them soon
MOST_LINES = 2048  # less than a second of a slow line, and some milliseconds of the store
PAGE_OCTETS = 640 << 10  # lines may have 5 KiB instead of 300 octets, and each client that does not read has a page


async def overview_pages(database: Database, folder_id: int, wanted: ArticleRange) -> AsyncIterator[bytes]:
    """The lines of the articles with these numbers, a page at a time; none where there is no article."""
    first, most = wanted.first, FIRST_LINES
    while first <= wanted.last:
        page = await database.read(overviews, folder_id, first, wanted.last, most)
        if page.last is None:
            return
        yield page.octets
        octets_of_line = max(1, len(page.octets) // (page.octets.count(b"\n") or 1))
        first, most = page.last + 1, max(1, min(MOST_LINES, 2 * most, PAGE_OCTETS // octets_of_line))
