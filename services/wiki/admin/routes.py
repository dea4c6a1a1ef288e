"""The paths of administrators."""

from __future__ import annotations

from services.wiki.admin import proxy, rooms_and_feeds, users
from services.wiki.parts import WikiParts
from services.wiki.site.route import WebApp, route


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/admin/` and below."""
    route(app, parts, "/admin/", users.show_users)
    route(app, parts, "/admin/users/<name>", users.change_user, "POST")
    route(app, parts, "/admin/rooms", rooms_and_feeds.show_rooms)
    route(app, parts, "/admin/feeds", rooms_and_feeds.show_feeds)
    route(app, parts, "/admin/feeds", rooms_and_feeds.refresh_feeds, "POST")
    route(app, parts, "/admin/proxy", proxy.show_proxy)
