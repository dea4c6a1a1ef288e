"""The weblog's room, agora.blog, made where there is none: everybody reads it, members write."""

from __future__ import annotations

from contextlib import suppress

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, room_here
from services.wiki.site.request import WebRequest
from shared.database.transaction import Transaction
from shared.rooms.create_room import create_room
from shared.rooms.errors import RoomExists
from shared.rooms.room import Posters, Readers

NAME = "agora.blog"


async def weblog_here(parts: WikiParts, request: WebRequest) -> Here:
    """The weblog as the visitor sees it. Raises SignInNeeded, RoomNotFound as room_here() does."""
    if NAME not in (await parts.directory.rooms()).by_name:
        await make_weblog(parts)
    return await room_here(parts, request, NAME)


async def make_weblog(parts: WikiParts) -> None:
    """Nothing changes where the room is there. Raises StoreUnavailable."""
    with suppress(RoomExists):
        await parts.database.transact(_make)


def _make(tx: Transaction) -> None:
    create_room(
        tx, NAME, description="The weblog: what members write for everybody", reading=Readers.EVERYONE,
        posting=Posters.MEMBERS,
    )  # fmt: skip
