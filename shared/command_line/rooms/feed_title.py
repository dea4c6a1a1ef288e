"""Adding a feed: it is asked for its title, which its room is called after."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from twisted.internet.threads import deferToThread

from shared.administration import feeds
from shared.administration.feeds import FeedLine
from shared.command_line.in_reactor import in_reactor
from shared.command_line.store import Store
from shared.feeds.add_feed import feed_address
from shared.feeds.errors import NotAFeed
from shared.feeds.parse_apart import FeedParser
from shared.feeds.settings import FeedSettings
from shared.reach.fetch import Fetcher
from shared.reach.fetch_errors import FetchFailed
from shared.rooms.room import Readers
from shared.runtime.settings import ServiceSettings, read_settings

WITHIN = timedelta(seconds=10)  # somebody waits for it; the poller has longer


def add_in_reactor(
    settings: ServiceSettings, url: str, room: str | None, *, every: timedelta, reading: Readers
) -> FeedLine:
    """Add the feed, and tell the services. One that does not answer is added all the same.

    Raises what shared/administration/feeds.py says of add().
    """
    address = feed_address(url)
    private = read_settings(FeedSettings).feeds_private

    async def work(reactor: Any) -> FeedLine:
        title = await _title(reactor, address, private)
        line: FeedLine = await deferToThread(
            Store(settings).transact, feeds.add, address, room, title=title, every=every, reading=reading
        )
        return line

    return in_reactor(work)


async def _title(reactor: Any, url: str, private: bool) -> str:
    """What the feed calls itself; "" where it does not say, or does not answer."""
    try:
        fetched = await Fetcher(reactor).fetch(url, timeout=WITHIN, private=private)
        content_type = fetched.headers.get("content-type", "")
        parser = FeedParser(reactor, seconds=WITHIN.total_seconds())
        return (await parser.parse(fetched.body, content_type, fetched.url)).title
    except (FetchFailed, NotAFeed):
        return ""
