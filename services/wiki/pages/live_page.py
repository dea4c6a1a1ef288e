"""A page of the wiki that is open in browsers: they learn that it has a newer revision, and by whom."""

from __future__ import annotations

from collections.abc import Callable

from services.wiki.live.subject import LiveSubject, event_of
from services.wiki.pages.access import reader_of_pages
from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import live_key
from shared.events.watches import Watch
from shared.wiki.channel import PAGE_CHANNEL, page_key
from shared.wiki.name import page_name
from shared.wiki.newest_revision import NewestRevision, newest_revision


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/live/…`."""
    route(app, parts, "/live/<path:name>", stream_page)


class LivePage(LiveSubject):
    """One page, which need not be there: an event comes when somebody makes it."""

    def __init__(self, parts: WikiParts, name: str, newest: NewestRevision) -> None:
        super().__init__(_event(newest))
        self._parts, self._name, self._told = parts, name, newest

    def watch_with(self, call: Callable[[int | None], None]) -> Watch:
        """Also told of what is attached to the page, which is no news here."""
        return self._parts.bus.watch(PAGE_CHANNEL, page_key(self._name), call)

    async def ask(self) -> bytes | None:
        """Another revision, or that the page came or went."""
        newest = await self._parts.database.read(newest_revision, self._name)
        if newest == self._told:
            return None
        self._told = newest
        return _event(newest)


async def stream_page(parts: WikiParts, request: WebRequest, name: str) -> Answer:
    """The events of a page. Raises BadPageName, SignInNeeded, MayNotReadPages, TooManyReaders."""
    canonical = page_name(name)
    visitor = await reader_of_pages(parts, request)

    async def page() -> LivePage:
        return LivePage(parts, canonical, await parts.database.read(newest_revision, canonical))

    return await parts.live.answer(live_key(visitor), ("page", canonical), page)


def _event(newest: NewestRevision) -> bytes:
    """`by` is who saved the revision; `there` false: the page is deleted, or has another name."""
    at = None if newest.saved_at is None else f"{newest.saved_at:%Y-%m-%dT%H:%M:%SZ}"
    data = {"revision": newest.revision, "by": newest.author, "at": at, "there": newest.is_there}
    return event_of("page", newest.revision, data)
