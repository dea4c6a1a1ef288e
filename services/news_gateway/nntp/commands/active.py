"""Lines about groups with their numbers, as LIST ACTIVE, LIST COUNTS and NEWGROUPS have them (RFC 3977 §7.6.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from services.news_gateway.nntp.session import NntpSession
from shared.rooms.policy import flag
from shared.rooms.reading.water import waters_of
from shared.rooms.room import Room

_PAGE_ROOMS = 1000  # 60 KB, and some milliseconds of the store


async def active_lines(session: NntpSession, rooms: Sequence[Room], *, counts: bool = False) -> AsyncIterator[bytes]:
    """`name high low status`; with `counts`, `name high low count status` (RFC 6048 §2.2)."""
    for start in range(0, len(rooms), _PAGE_ROOMS):
        page = rooms[start : start + _PAGE_ROOMS]
        waters = await session.parts.database.read(waters_of, [room.folder_id for room in page])
        lines = []
        for room in page:
            water = waters.get(room.folder_id)
            if water is not None:  # else it was deleted just now
                count = f" {water.count}" if counts else ""
                status = flag(room, session.reader)
                lines.append(f"{room.name} {water.high} {water.low}{count} {status}\r\n")
        yield "".join(lines).encode()
