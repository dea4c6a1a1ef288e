"""GROUP and LISTGROUP: a group is selected (RFC 3977 §6.1.1, §6.1.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.news_gateway.nntp.article_range import HIGHEST, ArticleRange, read_range
from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.selected_group import SelectedGroup
from services.news_gateway.nntp.session import NntpSession
from shared.conversation.write_dot_block import write_dot_block
from shared.database.transaction import Transaction
from shared.rooms.reading.articles import numbers
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water

PAGE_NUMBERS = 8192  # read at once: 64 KiB, and a millisecond of writing them down


async def group(session: NntpSession, argument: bytes) -> None:
    """GROUP name. One that fails leaves the group that was selected as it was."""
    words = argument.split()
    if len(words) != 1:
        raise BadArguments
    room = await session.room_named(words[0])
    water = await _select(session, room)
    session.write(_status(room, water) + b"\r\n")


async def listgroup(session: NntpSession, argument: bytes) -> None:
    """LISTGROUP [name [range]]: the numbers of its articles, too."""
    words = argument.split()
    wanted = read_range(words[1]) if len(words) > 1 else ArticleRange(1, HIGHEST)
    if len(words) > 2 or wanted is None:
        raise BadArguments
    if words:
        room = await session.room_named(words[0])
    else:
        _, room = await session.selected_room()
    water = await _select(session, room)
    status = _status(room, water) + b" list follows\r\n"
    first, last = max(wanted.first, water.low), min(wanted.last, water.high)
    await write_dot_block(session, status, _pages(session, room, first, last))


async def _pages(session: NntpSession, room: Room, first: int, last: int) -> AsyncIterator[bytes]:
    while first <= last:
        found = await session.parts.database.read(numbers, room.folder_id, first, last, PAGE_NUMBERS)
        yield b"".join([b"%d\r\n" % number for number in found])
        if len(found) < PAGE_NUMBERS:
            return
        first = found[-1] + 1


async def _select(session: NntpSession, room: Room) -> Water:
    await session.parts.overdue.wait_for(room)
    water, first = await session.parts.database.read(_open, room.folder_id)
    session.select(SelectedGroup(room.folder_id, room.name, first))
    return water


def _open(tx: Transaction, folder_id: int) -> tuple[Water, int | None]:
    """The marks, and the number of the first article that is there."""
    water = water_of(tx, folder_id)
    if not water.count:
        return water, None
    first = numbers(tx, folder_id, water.low, water.high, 1)
    return water, first[0] if first else None


def _status(room: Room, water: Water) -> bytes:
    return b"211 %d %d %d %b" % (water.count, water.low, water.high, room.name.encode())
