"""DELE marks a message, RSET unmarks all; QUIT removes them (RFC 1939 §5)."""

from __future__ import annotations

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session


async def dele(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """DELE n."""
    number = message_number(maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
        return
    maildrop.deleted.add(number)
    session.write(b"+OK marked\r\n")


async def rset(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """RSET."""
    maildrop.deleted.clear()
    session.write(b"+OK\r\n")
