"""STAT, LIST and UIDL: what is in the maildrop (RFC 1939 §5, §7)."""

from __future__ import annotations

from collections.abc import Callable

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session


async def stat(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """STAT: how many messages, how many octets."""
    session.write(f"+OK {len(maildrop.uids) - len(maildrop.deleted)} {maildrop.octets()}\r\n".encode())


async def list_(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """LIST [n]: sizes in octets, as stored."""
    _answer(session, maildrop, argument, lambda number: str(maildrop.sizes[number - 1]))


async def uidl(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """UIDL [n]: ids that stay."""
    _answer(session, maildrop, argument, maildrop.unique_id)


def _answer(session: Pop3Session, maildrop: Maildrop, argument: bytes, tell: Callable[[int], str]) -> None:
    if not argument.strip():
        lines = "".join(f"{number} {tell(number)}\r\n" for number in maildrop.numbers())
        session.write(f"+OK\r\n{lines}.\r\n".encode())
        return
    number = message_number(maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
    else:
        session.write(f"+OK {number} {tell(number)}\r\n".encode())
