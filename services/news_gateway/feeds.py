"""Feeds in a process, put together: they are polled, and pushed by hubs, and fill their rooms."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from twisted.logger import Logger

from services.news_gateway.settings import NewsGatewaySettings
from services.news_gateway.websub import DOOR, HubCalls, hub_site
from shared.clock import utc_now
from shared.feeds.hubs.subscriber import HubSubscriber
from shared.feeds.poller import Poller
from shared.feeds.refresh import Refresher
from shared.reach.fetch import Fetcher
from shared.rooms.posts.posting import Posting, ServerNames
from shared.runtime.doors import Door
from shared.runtime.parts import Parts

_log = Logger()


def open_feeds(parts: Parts[NewsGatewaySettings], posting: Posting, names: ServerNames) -> Sequence[Door]:
    """Ask feeds from now on, until the process closes. The door for hubs, if it has endpoints."""
    settings, process, fetcher = parts.settings, uuid4(), Fetcher(parts.reactor)
    refresher = Refresher(
        parts.database,
        parts.reactor,
        posting,
        fetcher,
        names,
        utc_now,
        private=settings.feeds_private,
        process=process,
        pushed=settings.websub_url is not None,
    )
    poller = Poller(parts.database, parts.bus, refresher, process, parts.reactor)
    parts.before_closing.insert(0, poller.close)  # before what it posts by
    if settings.websub_url is not None:
        if not settings.websub_endpoints:
            _log.warn("AGORA_WEBSUB_URL is set and AGORA_WEBSUB_ENDPOINTS is not: no hub reaches this process")
        subscriber = HubSubscriber(
            parts.database, fetcher, settings.websub_url, parts.reactor, private=settings.feeds_private
        )
        parts.before_closing.insert(0, subscriber.close)
    if not settings.websub_endpoints:
        return []
    calls = HubCalls(parts.database, refresher, process, parts.reactor)
    return [Door(DOOR, settings.websub_endpoints, hub_site(calls))]
