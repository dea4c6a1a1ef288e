"""The feed of the weblog: its newest posts, whole."""

from __future__ import annotations

from services.wiki.blog.pages import WeblogPages, path_of
from services.wiki.blog.post_html import PostPages
from services.wiki.feeds.answers import base_url, feed_answer
from services.wiki.feeds.feed import FeedEntry, SiteFeed
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from shared.database.transaction import Transaction
from shared.rooms.reading.list_weblog import WeblogPage, list_weblog

# A change of the room is in the feed once the posts up to its number are placed, which may be later.
_STATE = """
    SELECT highest_modseq, coalesce(reached, 0) FROM folder LEFT JOIN weblog_reach ON folder_id = folder.id
    WHERE folder.id = %s
"""


class BlogFeeds:
    """One for each process."""

    def __init__(self, pages: WeblogPages, posts: PostPages) -> None:
        self._pages = pages
        self._posts = posts

    async def atom(self, parts: WikiParts, request: WebRequest) -> Answer:
        """`/blog/atom`."""
        return await self._answer(parts, request, "atom")

    async def rss(self, parts: WikiParts, request: WebRequest) -> Answer:
        """`/blog/rss`."""
        return await self._answer(parts, request, "rss")

    async def _answer(self, parts: WikiParts, request: WebRequest, kind: str) -> Answer:
        here = await self._pages.placed(parts, request)
        (changes, placed), page = await parts.database.read(_read, here.room.folder_id)
        changed_at = page.posts[0].came_at if page.posts else here.room.created_at
        base = base_url(parts, request)

        async def make() -> SiteFeed:
            html = await self._posts.of(page.posts)
            entries = [
                FeedEntry(
                    f"mid:{post.line.identifier[1:-1].decode('ascii', 'replace')}",  # RFC 2392
                    post.line.subject or "(no title)",
                    base + path_of(post),
                    post.author,
                    post.came_at,
                    str(html[post.line.message_id].whole) if post.line.message_id in html else "",
                )
                for post in page.posts
            ]
            title = f"Weblog · {parts.site_name}"
            return SiteFeed(f"{base}/blog/", title, f"{base}/blog/", f"{base}/blog/{kind}", entries, changed_at)

        return await feed_answer(parts, request, kind, f"blog {changes} {placed}", changed_at, make)


def _read(tx: Transaction, folder_id: int) -> tuple[tuple[int, int], WeblogPage]:
    return tx.row(_STATE, (folder_id,)) or (0, 0), list_weblog(tx, folder_id)
