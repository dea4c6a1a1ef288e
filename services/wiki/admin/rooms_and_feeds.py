"""Rooms and feeds as administrators see them; asking a feed at once."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.rooms.threads_page import policy_words
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.administration import feeds, rooms

MOST_SHOWN = 1_000  # all others are on the command line


async def show_rooms(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    lines = await parts.database.read(rooms.list_all)
    shown = [(line, policy_words(line.room)) for line in lines[:MOST_SHOWN]]
    return render(parts, visitor, "admin/rooms.html", lines=shown, total=len(lines), then_path="/admin/rooms")


async def show_feeds(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    lines = await parts.database.read(feeds.list_all)
    return render(
        parts, visitor, "admin/feeds.html", lines=lines[:MOST_SHOWN], total=len(lines), then_path="/admin/feeds"
    )


async def refresh_feeds(parts: WikiParts, request: WebRequest) -> Answer:
    """The form's `room` names the feed; without it all are asked now.

    Raises CrossSite, SignInNeeded, AdminsAlone, FeedNotFound.
    """
    visitor = await admin_here(parts, request)
    await check_csrf(visitor, request)
    await parts.database.transact(feeds.refresh, (await request.form()).get("room") or None)
    return see_other("/admin/feeds")
