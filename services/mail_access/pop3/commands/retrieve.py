"""RETR and TOP: a message, or the top of it, byte for byte with transparent dots (RFC 1939 §5, §7)."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session
from services.mail_access.pop3.top import Top
from shared.conversation.write_dot_block import stuffed, write_dot_block
from shared.folders.bodies import load_range

WHOLE_OCTETS = 1 << 20  # larger messages go out in steps of this size


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
        await write_dot_block(session, b"+OK\r\n", _steps(session, maildrop, number, Top(int(count))))


async def _steps(
    session: Pop3Session, maildrop: Maildrop, number: int, cut_off: Top | None = None
) -> AsyncIterator[bytes]:
    """A message of any size, or what `cut_off` leaves of it. A line's end at a step's end waits for what follows it."""
    message_id, size = maildrop.message_ids[number - 1], maildrop.sizes[number - 1]
    carried, opening = b"\r\n", 2  # the header's end, too, may be at the very start
    for start in range(0, max(size, 1), WHOLE_OCTETS):
        end = min(size, start + WHOLE_OCTETS)
        octets = carried + await session.parts.database.read(load_range, message_id, start, end)
        waiting = octets.rfind(b"\r", len(octets) - 2) if end < size else -1
        octets, carried = (octets, b"") if waiting < 0 else (octets[:waiting], octets[waiting:])
        if cut_off is not None:
            octets = cut_off.feed(octets)
        yield octets[opening:] if opening else octets
        opening = 0
        if cut_off is not None and cut_off.reached:
            break
