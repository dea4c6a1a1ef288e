"""The poller of a process, put together: feeds are asked, and fill their rooms."""

from __future__ import annotations

from uuid import uuid4

from services.news_gateway.settings import NewsGatewaySettings
from shared.clock import utc_now
from shared.feeds.poller import Poller
from shared.feeds.refresh import Refresher
from shared.reach.fetch import Fetcher
from shared.rooms.posting import Posting, ServerNames
from shared.runtime.parts import Parts


def start_poller(parts: Parts[NewsGatewaySettings], posting: Posting, names: ServerNames) -> Poller:
    """Ask feeds from now on, until the process closes."""
    process = uuid4()
    refresher = Refresher(
        parts.database,
        parts.reactor,
        posting,
        Fetcher(parts.reactor),
        names,
        utc_now,
        private=parts.settings.feeds_private,
        process=process,
    )
    poller = Poller(parts.database, parts.bus, refresher, process, parts.reactor)
    parts.before_closing.insert(0, poller.close)  # before what it posts by
    return poller
