"""STAT, LIST and UIDL: what is in the maildrop (RFC 1939 §5, §7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from services.mail_access.pop3 import replies
from services.mail_access.pop3.commands.number import message_number
from services.mail_access.pop3.maildrop import Maildrop

if TYPE_CHECKING:
    from services.mail_access.pop3.session import Pop3Session


async def stat(session: Pop3Session, argument: bytes) -> None:
    """STAT: how many messages, how many octets."""
    maildrop = _maildrop(session)
    session.write(f"+OK {len(maildrop.uids) - len(maildrop.deleted)} {maildrop.octets()}\r\n".encode())


async def list_(session: Pop3Session, argument: bytes) -> None:
    """LIST [n]: sizes in octets, as stored."""
    maildrop = _maildrop(session)
    _answer(session, argument, lambda number: str(maildrop.sizes[number - 1]))


async def uidl(session: Pop3Session, argument: bytes) -> None:
    """UIDL [n]: ids that stay."""
    _answer(session, argument, _maildrop(session).unique_id)


def _maildrop(session: Pop3Session) -> Maildrop:
    assert session.maildrop is not None
    return session.maildrop


def _answer(session: Pop3Session, argument: bytes, tell: Callable[[int], str]) -> None:
    maildrop = _maildrop(session)
    if not argument.strip():
        lines = "".join(f"{number} {tell(number)}\r\n" for number in maildrop.numbers())
        session.write(f"+OK\r\n{lines}.\r\n".encode())
        return
    number = message_number(maildrop, argument)
    if number is None:
        session.write(replies.NO_SUCH_MESSAGE)
    else:
        session.write(f"+OK {number} {tell(number)}\r\n".encode())
