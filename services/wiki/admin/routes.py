"""The paths of administrators."""

from __future__ import annotations

from services.wiki.admin import (
    audit,
    feeds,
    lockouts,
    new_user,
    one_room,
    one_user,
    proxy,
    rooms,
    senders,
    services,
    users,
)
from services.wiki.parts import WikiParts
from services.wiki.site.route import WebApp, route


def add_routes(app: WebApp, parts: WikiParts) -> None:
    """`/admin/` and below."""
    route(app, parts, "/admin/", users.show_users)
    route(app, parts, new_user.PATH, new_user.show_new_user)
    route(app, parts, new_user.PATH, new_user.make_user, "POST")
    route(app, parts, "/admin/users/<name>", one_user.show_user)
    route(app, parts, "/admin/users/<name>", one_user.change_user, "POST")
    route(app, parts, "/admin/rooms", rooms.show_rooms)
    route(app, parts, one_room.NEW_PATH, one_room.show_new_room)
    route(app, parts, one_room.NEW_PATH, one_room.make_room, "POST")
    route(app, parts, "/admin/rooms/<name>", one_room.show_room)
    route(app, parts, "/admin/rooms/<name>", one_room.change_room, "POST")
    route(app, parts, feeds.PATH, feeds.show_feeds)
    route(app, parts, feeds.PATH, feeds.refresh_feeds, "POST")
    route(app, parts, f"{feeds.PATH}/new", feeds.add_feed, "POST")
    route(app, parts, f"{feeds.PATH}/<int:number>", feeds.show_feed)
    route(app, parts, f"{feeds.PATH}/<int:number>", feeds.change_feed, "POST")
    route(app, parts, lockouts.PATH, lockouts.show_lockouts)
    route(app, parts, lockouts.PATH, lockouts.end_lockouts, "POST")
    route(app, parts, senders.PATH, senders.show_senders)
    route(app, parts, senders.PATH, senders.change_senders, "POST")
    route(app, parts, audit.PATH, audit.show_audit)
    route(app, parts, "/admin/proxy", proxy.show_proxy)
    route(app, parts, services.PATH, services.show_services)
    route(app, parts, services.PATH, services.change_services, "POST")
