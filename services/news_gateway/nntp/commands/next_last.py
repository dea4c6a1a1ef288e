"""NEXT and LAST: the article behind the current one, and the one before it (RFC 3977 §6.1.3, §6.1.4)."""

from __future__ import annotations

from services.news_gateway.nntp.errors import BadArguments, NoCurrentArticle, NoNextArticle, NoPreviousArticle
from services.news_gateway.nntp.selected_group import SelectedGroup
from services.news_gateway.nntp.session import NntpSession
from shared.rooms.errors import ArticleNotFound
from shared.rooms.reading.articles import last_before, next_after


async def next_(session: NntpSession, argument: bytes) -> None:
    """NEXT."""
    selected, number = await _current(session, argument)
    try:
        found = await session.parts.database.read(next_after, selected.folder_id, number)
    except ArticleNotFound:
        raise NoNextArticle from None
    _move(session, selected, *found)


async def last(session: NntpSession, argument: bytes) -> None:
    """LAST."""
    selected, number = await _current(session, argument)
    try:
        found = await session.parts.database.read(last_before, selected.folder_id, number)
    except ArticleNotFound:
        raise NoPreviousArticle from None
    _move(session, selected, *found)


async def _current(session: NntpSession, argument: bytes) -> tuple[SelectedGroup, int]:
    if argument.strip():
        raise BadArguments
    selected, _ = await session.selected_room()
    if selected.number is None:
        raise NoCurrentArticle
    return selected, selected.number


def _move(session: NntpSession, selected: SelectedGroup, number: int, identifier: bytes) -> None:
    selected.number = number
    session.write(b"223 %d %b\r\n" % (number, identifier))
