"""The weblog's room as the visitor sees it."""

from __future__ import annotations

from contextlib import suppress

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, room_here
from services.wiki.site.request import WebRequest
from shared.rooms.errors import RoomExists
from shared.rooms.weblog import WEBLOG, find_or_make_weblog

NAME = WEBLOG


async def weblog_here(parts: WikiParts, request: WebRequest) -> Here:
    """The room, which is made where there is none. Raises SignInNeeded, RoomNotFound as room_here() does."""
    if NAME not in (await parts.directory.rooms()).by_name:
        await make_weblog(parts)
    return await room_here(parts, request, NAME)


async def make_weblog(parts: WikiParts) -> None:
    """Nothing changes where the room is there. Raises StoreUnavailable."""
    with suppress(RoomExists):
        await parts.database.transact(find_or_make_weblog)
