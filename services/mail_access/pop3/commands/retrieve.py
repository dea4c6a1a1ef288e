"""RETR and TOP: a message, or the top of it, byte for byte with transparent dots (RFC 1939 §5, §7)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.pop3.top import Top
from shared.conversation.write_dot_block import stuffed, write_dot_block
from shared.folders.body_steps import STEP_OCTETS, body_steps

WHOLE_OCTETS = STEP_OCTETS  # larger messages go out in steps


async def retr(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """RETR n."""
    number = message_number(maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
        return
    size = maildrop.sizes[number - 1]
    if size > WHOLE_OCTETS:
        await write_dot_block(session, b"+OK %d octets\r\n" % size, _steps(session, maildrop, number))
    else:
        octets = await session.read_ahead.take(maildrop, number)
        session.write(b"+OK %d octets\r\n" % size)
        session.write(stuffed(octets))
        if session.must_drain:
            await session.drain()
    maildrop.retrieved.add(number)


async def top(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """TOP n lines: the header and the first `lines` lines of the body, all of it where that has no more."""
    first, _, second = argument.strip().partition(b" ")
    number, count = message_number(maildrop, first), second.strip()
    if not count.isdigit() or len(count) > 10:
        session.refuse(replies.SYNTAX)
    elif number is None:
        session.write(replies.NO_SUCH_MESSAGE)
    else:
        await write_dot_block(session, b"+OK\r\n", _top(session, maildrop, number, Top(int(count))))


async def _top(session: Pop3Session, maildrop: Maildrop, number: int, top: Top) -> AsyncIterator[bytes]:
    """What `top` leaves of a message."""
    opening = b"\r\n"  # the header's end, too, may be at the very start
    async for octets in _steps(session, maildrop, number):
        yield top.feed(opening + octets)[len(opening) :]
        if top.reached:
            return
        opening = b""


def _steps(session: Pop3Session, maildrop: Maildrop, number: int) -> AsyncIterator[bytes]:
    return body_steps(session.parts.database, maildrop.message_ids[number - 1], maildrop.sizes[number - 1])
