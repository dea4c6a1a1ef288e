"""The doors of the news gateway, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence

from services.news_gateway.feeds import open_feeds
from services.news_gateway.nntp.doors import open_nntp_doors
from services.news_gateway.rooms_by_mail import start_sender
from services.news_gateway.settings import NewsGatewaySettings
from shared.accounts.sign_in import SignIn
from shared.folders.body_cache import BodyCache
from shared.rooms.posts.open_posting import open_posting
from shared.runtime.doors import Door
from shared.runtime.parts import Parts


def open_doors(parts: Parts[NewsGatewaySettings]) -> Sequence[Door]:
    """The doors nntp and nntps, and websub where it is on."""
    settings = parts.settings
    directory, names, posting = open_posting(parts)
    sign_in = SignIn(parts.database, parts.bus.redis, parts.reactor, settings)
    bodies = BodyCache(parts.database, settings.news_cache_octets)
    start_sender(parts)
    feeds = open_feeds(parts, posting, names)
    return [*open_nntp_doors(parts, directory, posting, sign_in, bodies), *feeds]
