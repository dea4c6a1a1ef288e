"""The feed of the wiki's changes, for who reads the wiki."""

from __future__ import annotations

from services.wiki.feeds.answers import base_url, feed_answer
from services.wiki.feeds.feed import FeedEntry, SiteFeed
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.errors import SignInNeeded
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of
from shared.wiki.name import page_path
from shared.wiki.policy import may_read_pages
from shared.wiki.recent_changes import Change, recent_changes

ENTRIES = 50


async def changes_atom(parts: WikiParts, request: WebRequest) -> Answer:
    """`/feeds/changes/atom`. Raises SignInNeeded where the wiki is for members."""
    return await _answer(parts, request, "atom")


async def changes_rss(parts: WikiParts, request: WebRequest) -> Answer:
    """`/feeds/changes/rss`. Raises SignInNeeded."""
    return await _answer(parts, request, "rss")


async def _answer(parts: WikiParts, request: WebRequest, kind: str) -> Answer:
    visitor = await visitor_of(parts, request)
    if not may_read_pages(parts.policy, visitor.account):
        raise SignInNeeded
    changes = await parts.database.read(recent_changes, None, None, ENTRIES)
    base = base_url(parts, request)
    changed_at = changes[0].saved_at if changes else parts.now()
    state = f"changes {changes[0].id if changes else 0} {len(changes)}"

    async def make() -> SiteFeed:
        entries = [_entry(base, change) for change in changes]
        title = f"Changes · {parts.site_name}"
        return SiteFeed(f"{base}/recent", title, f"{base}/recent", f"{base}/feeds/changes/{kind}", entries, changed_at)

    return await feed_answer(parts, request, kind, state, changed_at, make)


def _entry(base: str, change: Change) -> FeedEntry:
    path = page_path(change.name)
    title = f"{change.name}: {change.comment or change.kind}"
    author = change.author_name or change.author
    return FeedEntry(f"{base}{path}#change-{change.id}", title, base + path, author, change.saved_at)
