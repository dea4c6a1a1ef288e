"""The way out of subscribers at other servers: a page for people, and one click for mail programs (RFC 8058)."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.site.route import WebApp, route
from services.wiki.visitor import visitor_of
from shared.rooms.subscriptions.elsewhere.envelope import UNSUBSCRIBE_PATH
from shared.rooms.subscriptions.elsewhere.subscribe import unsubscribe_by_token


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """Open to strangers: the token, which only the subscriber was sent, is the proof."""
    route(app, parts, f"{UNSUBSCRIBE_PATH}/<token>", ask_to_unsubscribe)
    route(app, parts, f"{UNSUBSCRIBE_PATH}/<token>", end_subscription, "POST")


async def ask_to_unsubscribe(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """A button; it looks the same whatever the token is. Programs that follow links in mail change nothing."""
    return render(parts, await visitor_of(parts, request), "rooms/unsubscribe.html", has_ended=False)


async def end_subscription(parts: WikiParts, request: WebRequest, token: str) -> Answer:
    """End it, if it has not ended before. Raises StoreUnavailable."""
    await parts.database.transact(unsubscribe_by_token, token)
    return render(parts, await visitor_of(parts, request), "rooms/unsubscribe.html", has_ended=True)
