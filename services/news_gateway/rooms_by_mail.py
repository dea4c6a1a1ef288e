"""The sender of a process, put together: subscribers are sent the posts of rooms by mail."""

from __future__ import annotations

from services.news_gateway.settings import NewsGatewaySettings
from shared.clock import utc_now
from shared.rooms.posting import ServerNames
from shared.rooms.subscriptions.sender import SubscriptionSender
from shared.runtime.parts import Parts


def start_sender(parts: Parts[NewsGatewaySettings], names: ServerNames) -> SubscriptionSender:
    """Send posts from now on, until the process closes."""
    sender = SubscriptionSender(parts.database, parts.bus, names, parts.reactor, utc_now)
    parts.before_closing.insert(0, sender.close)
    return sender
