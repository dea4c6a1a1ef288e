"""The list of the site's feeds, those of rooms as the visitor reads them."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import number_in, room_path
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import visitor_of

ROOMS = 200  # on a page


async def show_feeds(parts: WikiParts, request: WebRequest) -> Answer:
    """`/feeds/`."""
    visitor = await visitor_of(parts, request)
    rooms = await parts.directory.rooms()
    readable = rooms.readable_by(rooms.reader(visitor.account))
    first = number_in(request.query.get("from"), 0) or 0
    feeds = [(room.name, room.description, room_path(room.name)) for room in readable[first : first + ROOMS]]
    if not first:
        feeds = [
            ("Weblog", "What members write for everybody", "/blog"),
            ("Changes", "Every change of the wiki's pages", "/feeds/changes"),
            *feeds,
        ]
    following = first + ROOMS if len(readable) > first + ROOMS else None
    return render(parts, visitor, "feeds/list.html", feeds=feeds, following=following, then_path="/feeds/")
