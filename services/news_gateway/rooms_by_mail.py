"""The sender of a process, put together: subscribers are sent the posts of rooms by mail."""

from __future__ import annotations

from services.news_gateway.settings import NewsGatewaySettings
from shared.clock import utc_now
from shared.rooms.subscriptions.list_names import NNTP_PORT, ListNames
from shared.rooms.subscriptions.sender import SubscriptionSender
from shared.runtime.parts import Parts


def start_sender(parts: Parts[NewsGatewaySettings]) -> SubscriptionSender:
    """Send posts from now on, until the process closes."""
    settings = parts.settings
    port = settings.public_port("nntp") or NNTP_PORT
    names = ListNames(settings.hostname, settings.mail_domain, port, settings.web_url.rstrip("/"))
    sender = SubscriptionSender(parts.database, parts.bus, names, parts.reactor, utc_now)
    parts.before_closing.insert(0, sender.close)
    return sender
