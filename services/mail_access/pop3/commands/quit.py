"""QUIT, which commits what the session did (RFC 1939 §5, §6)."""

from __future__ import annotations

from services.mail_access.pop3 import replies
from services.mail_access.pop3.maildrop import Maildrop, close_maildrop
from services.mail_access.pop3.session import Pop3Session
from shared.errors import DomainError


async def quit_(session: Pop3Session, argument: bytes) -> None:
    """QUIT before sign-in."""
    session.over = True
    session.write(replies.GOODBYE)


async def update(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """QUIT: answered after the commit; messages whose deletion could not be committed are still there next time."""
    session.over = True
    try:
        await session.parts.database.transact(close_maildrop, maildrop)
    except DomainError as error:
        session.write(replies.reply_to(error))
        return
    session.let_go()
    session.write(replies.GOODBYE)
