"""The article or the articles that a command names: by number, range or Message-ID, or the current one."""

from __future__ import annotations

from services.news_gateway.nntp.article_range import ArticleRange, read_number, read_range
from services.news_gateway.nntp.errors import BadArguments, NoCurrentArticle, NoSuchNumber, SignInFirst
from services.news_gateway.nntp.selected_group import SelectedGroup
from services.news_gateway.nntp.session import NntpSession
from shared.rooms.article_header import is_identifier
from shared.rooms.errors import ArticleNotFound, MayNotRead
from shared.rooms.policy import may_read
from shared.rooms.reading.articles import Article, by_identifier


async def named_article(session: NntpSession, argument: bytes) -> tuple[Article, int]:
    """The article, and its number to be told: 0 if it is named by its Message-ID (RFC 3977 §6.2.1.2).

    Raises NoGroupSelected, NoCurrentArticle, NoSuchNumber, ArticleNotFound, MayNotRead, SignInFirst, BadArguments.
    """
    word = argument.strip()
    if word.startswith(b"<"):
        return await article_called(session, word), 0
    selected, _ = await session.selected_room()
    if not word:
        return await _current_article(session, selected)
    number = read_number(word)
    if number is None:
        raise BadArguments
    found = await session.ahead.at(number)
    if found is None:
        raise NoSuchNumber
    return found, number


async def article_called(session: NntpSession, identifier: bytes) -> Article:
    """The article in one of the rooms that are there for the reader.

    Raises ArticleNotFound, MayNotRead, SignInFirst.
    """
    rooms = await session.rooms()
    if not is_identifier(identifier):
        raise ArticleNotFound
    for found in await session.parts.database.read(by_identifier, identifier):
        room = rooms.by_id.get(found.folder_id)
        if room is not None and may_read(room, session.reader):
            return found
    raise SignInFirst if session.account is None else MayNotRead


async def named_range(session: NntpSession, word: bytes) -> tuple[SelectedGroup, ArticleRange]:
    """The group that is selected, and the numbers in it; of no word, the current article's.

    Raises NoGroupSelected, NoCurrentArticle, MayNotRead, SignInFirst, BadArguments.
    """
    selected, _ = await session.selected_room()
    if not word:
        _, number = await _current_article(session, selected)
        return selected, ArticleRange(number, number)
    wanted = read_range(word)
    if wanted is None:
        raise BadArguments
    return selected, wanted


async def _current_article(session: NntpSession, selected: SelectedGroup) -> tuple[Article, int]:
    if selected.number is None:
        raise NoCurrentArticle
    found = await session.ahead.at(selected.number)
    if found is None:  # cancelled meanwhile
        raise NoCurrentArticle
    return found, selected.number
