"""POST: an article for the rooms that its Newsgroups names (RFC 3977 §6.3.1)."""

from __future__ import annotations

from services.news_gateway.nntp.errors import BadArguments
from services.news_gateway.nntp.replies import INTERNAL
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.take_article import Answers, take_article

ANSWERS = Answers(b"340 send the article\r\n", taken=240, refused=441, later=INTERNAL)
NOT_PERMITTED = b"440 posting is not permitted\r\n"
NOT_BEFORE_SIGN_IN = b"440 posting is not permitted before you sign in\r\n"


async def post(session: NntpSession, argument: bytes) -> None:
    """POST, unless there is no room at all that would take it."""
    if argument.strip():
        raise BadArguments
    if await session.may_post():
        await take_article(session, ANSWERS)
    else:
        session.write(NOT_BEFORE_SIGN_IN if session.account is None else NOT_PERMITTED)
