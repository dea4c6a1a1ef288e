"""DELE marks a message, RSET unmarks all; QUIT removes them (RFC 1939 §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session


async def dele(session: Pop3Session, argument: bytes) -> None:
    """DELE n."""
    assert session.maildrop is not None
    number = message_number(session.maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
        return
    session.maildrop.deleted.add(number)
    session.write(b"+OK marked\r\n")


async def rset(session: Pop3Session, argument: bytes) -> None:
    """RSET."""
    assert session.maildrop is not None
    session.maildrop.deleted.clear()
    session.write(b"+OK\r\n")
