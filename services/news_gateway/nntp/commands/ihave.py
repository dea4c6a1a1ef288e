"""IHAVE: an article that another server relays (RFC 3977 §6.3.2)."""

from __future__ import annotations

from services.news_gateway.nntp.errors import BadArguments, SignInFirst
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.take_article import Answers, take_article
from shared.rooms.article_header import is_identifier
from shared.rooms.reading.articles import is_known

ANSWERS = Answers(b"335 send it\r\n", taken=235, refused=437, later=436)
NOT_FOR_YOU = b"502 IHAVE is for servers that have an administrator's account\r\n"
NOT_WANTED = b"435 not wanted: it has come before\r\n"


async def ihave(session: NntpSession, argument: bytes) -> None:
    """IHAVE Message-ID. A relayed article may have Approved; therefore only an administrator's account may relay."""
    if not session.may_relay:
        if session.account is None:
            raise SignInFirst
        session.refuse(NOT_FOR_YOU)
        return
    identifier = argument.strip()
    if not is_identifier(identifier):
        raise BadArguments
    if await session.parts.database.read(is_known, identifier):
        session.write(NOT_WANTED)
    else:
        await take_article(session, ANSWERS, relayed=True)
