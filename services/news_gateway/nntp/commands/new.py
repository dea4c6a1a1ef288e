"""NEWGROUPS and NEWNEWS: what is new since a moment (RFC 3977 §7.3, §7.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from services.news_gateway.nntp.commands.active import active_lines
from services.news_gateway.nntp.commands.matching import rooms_like
from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.since import read_since
from shared.conversation.write_dot_block import write_dot_block
from shared.rooms.reading.newnews import Since, identifiers_since
from shared.rooms.reading.newnews import since as since_moment

PAGE_IDENTIFIERS = 1000  # 60 KB


async def newgroups(session: NntpSession, argument: bytes) -> None:
    """NEWGROUPS date time [GMT]: the groups that were made since, as LIST ACTIVE has them."""
    moment = _moment(session, argument.split())
    rooms = (await session.rooms()).readable_by(session.reader)
    made_since = [room for room in rooms if room.created_at >= moment]
    await write_dot_block(session, b"231 new groups follow\r\n", active_lines(session, made_since))


async def newnews(session: NntpSession, argument: bytes) -> None:
    """NEWNEWS wildmat date time [GMT]: the Message-IDs of articles that came since."""
    words = argument.split()
    moment = _moment(session, words[1:])
    folder_ids = [room.folder_id for room in await rooms_like(session, words[0])]
    await write_dot_block(session, b"230 new articles follow\r\n", _identifiers(session, folder_ids, moment))


def _moment(session: NntpSession, words: Sequence[bytes]) -> datetime:
    if len(words) not in (2, 3) or [word.upper() for word in words[2:]] not in ([], [b"GMT"]):
        raise BadArguments
    moment = read_since(words[0], words[1], session.parts.now())
    if moment is None:
        raise BadArguments
    return moment


async def _identifiers(session: NntpSession, folder_ids: Sequence[int], moment: datetime) -> AsyncIterator[bytes]:
    following: Since | None = since_moment(moment) if folder_ids else None
    while following is not None:
        page = await session.parts.database.read(identifiers_since, folder_ids, following, PAGE_IDENTIFIERS)
        yield b"".join([identifier + b"\r\n" for identifier in page.identifiers])
        following = page.since
