"""The doors of the news gateway, and the parts behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from services.news_gateway.feeds import start_poller
from services.news_gateway.nntp.doors import open_nntp_doors
from services.news_gateway.settings import NewsGatewaySettings
from shared.accounts.sign_in import SignIn
from shared.folders.body_cache import BodyCache
from shared.rooms.directory import Directory
from shared.rooms.posting import Posting, ServerNames
from shared.runtime.doors import Door
from shared.runtime.parts import Parts


def open_doors(parts: Parts[NewsGatewaySettings]) -> Sequence[Door]:
    """The doors nntp and nntps."""
    settings = parts.settings
    directory = Directory(parts.database, parts.bus)
    names = ServerNames(settings.hostname, settings.mail_domain)
    posting = Posting(parts.database, parts.reactor, directory, names, lambda: datetime.now(UTC))
    parts.before_closing.append(posting.close)
    sign_in = SignIn(parts.database, parts.bus.redis, parts.reactor, settings)
    bodies = BodyCache(parts.database, settings.news_cache_octets)
    start_poller(parts, directory, posting, names)
    return open_nntp_doors(parts, directory, posting, sign_in, bodies)
