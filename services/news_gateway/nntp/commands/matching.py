"""The rooms that a wildmat is about, of those that are there for the reader."""

from __future__ import annotations

from collections.abc import Sequence

from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.wildmat import BadWildmat, read_wildmat
from shared.give_way import Turns
from shared.rooms.room import Room

_STEP_ROOMS = 20  # between two looks at the clock; a wildmat of 128 patterns takes some 10 µs for each


async def rooms_like(session: NntpSession, wildmat: bytes) -> Sequence[Room]:
    """Those whose names are like `wildmat`; others have their turn meanwhile. Raises SignInFirst, BadArguments."""
    try:
        matches = read_wildmat(wildmat.decode("utf-8", "replace"))
    except BadWildmat as error:
        raise BadArguments from error
    rooms = (await session.rooms()).readable_by(session.reader)
    found: list[Room] = []
    async for step in Turns(session.clock).slices(rooms, _STEP_ROOMS):
        found += [room for room in step if matches(room.name)]
    return found
