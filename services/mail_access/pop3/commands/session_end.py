"""QUIT, which commits what the session did, and NOOP (RFC 1939 §5, §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.pop3 import replies
from services.mail_access.pop3.maildrop import close_maildrop
from shared.errors import DomainError

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session


async def noop(session: Pop3Session, argument: bytes) -> None:
    """NOOP."""
    session.write(b"+OK\r\n")


async def quit_(session: Pop3Session, argument: bytes) -> None:
    """QUIT: answered after the commit; what could not be committed is still there next time."""
    session.over = True
    if session.maildrop is not None:
        try:
            events = await session.door.database.transact(close_maildrop, session.maildrop)
        except DomainError as error:
            session.write(replies.reply_to(error))
            return
        session.let_go()
        await session.door.bus.announce(events)
    session.write(b"+OK goodbye\r\n")
