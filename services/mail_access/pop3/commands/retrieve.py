"""RETR and TOP: a message, or the top of it, byte for byte with transparent dots (RFC 1939 §5, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.logger import Logger

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.top import Top
from shared.folders.bodies import load_range

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session

log = Logger()
WHOLE_OCTETS = 1 << 20  # larger messages go out in steps of this size


async def retr(session: Pop3Session, argument: bytes) -> None:
    """RETR n."""
    assert session.maildrop is not None
    number = message_number(session.maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
        return
    size = session.maildrop.sizes[number - 1]
    if size > WHOLE_OCTETS:
        await _send_in_steps(session, session.maildrop, number, b"+OK %d octets\r\n" % size)
    else:
        octets = await session.ahead.take(session.maildrop, number)
        session.write(b"+OK %d octets\r\n" % size)
        session.write(stuffed(octets))
        await session.drain()
    session.maildrop.retrieved.add(number)


async def top(session: Pop3Session, argument: bytes) -> None:
    """TOP n lines: the header and the first `lines` lines of the body, all of it where that has no more."""
    assert session.maildrop is not None
    first, _, second = argument.strip().partition(b" ")
    number, count = message_number(session.maildrop, first), second.strip()
    if not count.isdigit() or len(count) > 10:
        session.refuse(replies.SYNTAX)
    elif number is None:
        session.write(replies.NO_SUCH_MESSAGE)
    else:
        await _send_in_steps(session, session.maildrop, number, b"+OK\r\n", Top(int(count)))


def stuffed(octets: bytes) -> bytes:
    """The multi-line response for `octets`: dots doubled at the start of lines, the last line ended, a dot."""
    if b"\r\n." in octets:
        octets = octets.replace(b"\r\n.", b"\r\n..")
    if octets.startswith(b"."):
        octets = b"." + octets
    return octets + (b".\r\n" if octets.endswith(b"\r\n") or not octets else b"\r\n.\r\n")


async def _send_in_steps(
    session: Pop3Session, maildrop: Maildrop, number: int, greeting: bytes, cut_off: Top | None = None
) -> None:
    """`greeting` and a message of any size, or what `cut_off` leaves of it; never whole in memory.

    A line's end at a step's end waits for what follows it. A store that goes away in the middle ends the connection:
    any words of ours would be taken for the message's.
    """
    message_id, size = maildrop.message_ids[number - 1], maildrop.sizes[number - 1]
    carried, opening = b"\r\n", True  # a dot at the very start is at a line's start too
    for start in range(0, max(size, 1), WHOLE_OCTETS):
        end = min(size, start + WHOLE_OCTETS)
        try:
            octets = carried + await session.door.database.read(load_range, message_id, start, end)
        except Exception:
            if opening:
                raise
            log.failure("a message could not be read to its end")
            session.cut_off()
            return
        waiting = octets.rfind(b"\r", len(octets) - 2) if end < size else -1
        octets, carried = (octets, b"") if waiting < 0 else (octets[:waiting], octets[waiting:])
        if cut_off is not None:
            octets = cut_off.feed(octets)
        out = octets.replace(b"\r\n.", b"\r\n..")
        session.write(greeting + out[2:] if opening else out)
        opening = False
        await session.drain()
        if cut_off is not None and cut_off.reached:
            break
    session.write(b".\r\n" if octets.endswith(b"\r\n") else b"\r\n.\r\n")
