"""NOOP (RFC 1939 §5)."""

from __future__ import annotations

from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session


async def noop(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """NOOP."""
    session.write(b"+OK\r\n")
