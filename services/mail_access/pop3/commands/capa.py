"""CAPA: what this server can do (RFC 2449 §5)."""

from __future__ import annotations

from services.mail_access.pop3.capabilities import capabilities
from services.mail_access.pop3.maildrop import Maildrop
from services.mail_access.pop3.session import Pop3Session


async def capa(session: Pop3Session, argument: bytes) -> None:
    """CAPA."""
    words = "".join(f"{word}\r\n" for word in capabilities(session))
    session.write(f"+OK\r\n{words}.\r\n".encode())


async def capa_signed_in(session: Pop3Session, maildrop: Maildrop, argument: bytes) -> None:
    """CAPA in the TRANSACTION state (RFC 2449 §3)."""
    await capa(session, argument)
