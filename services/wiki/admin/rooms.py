"""The list of rooms as administrators see them."""

from __future__ import annotations

from services.wiki.admin.admin_here import admin_here
from services.wiki.parts import WikiParts
from services.wiki.rooms.threads_page import policy_words
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.administration import rooms

MOST_SHOWN = 1_000  # all others are on the command line


async def show_rooms(parts: WikiParts, request: WebRequest) -> Answer:
    """Raises SignInNeeded, AdminsAlone."""
    visitor = await admin_here(parts, request)
    lines = await parts.database.read(rooms.list_all)
    shown = [(line, policy_words(line.room)) for line in lines[:MOST_SHOWN]]
    return render(parts, visitor, "admin/rooms.html", lines=shown, total=len(lines), then_path="/admin/rooms")
