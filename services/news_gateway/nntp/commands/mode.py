"""MODE READER (RFC 3977 §5.3): every session is a reader's, so that it changes nothing."""

from __future__ import annotations

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.session import NntpSession


async def mode(session: NntpSession, argument: bytes) -> None:
    """MODE READER, whenever it is said: programs say it after signing in, and some after a lost connection."""
    if argument.strip().upper() != b"READER":
        session.refuse(replies.UNKNOWN_VARIANT)
    elif session.account is None or await session.may_post():  # a stranger may sign in yet
        session.write(replies.READY)
    else:
        session.write(replies.READY_TO_READ)
