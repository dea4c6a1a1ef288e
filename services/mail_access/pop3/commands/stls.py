"""STLS: from here on encrypted (RFC 2595 §4)."""

from __future__ import annotations

from services.mail_access.pop3 import replies
from services.mail_access.pop3.session import Pop3Session


async def stls(session: Pop3Session, argument: bytes) -> None:
    """STLS. Commands sent ahead of the handshake are thrown away, and a name given by USER is forgotten."""
    if session.tls is not None or session.parts.tls_options is None:
        session.refuse(replies.NO_TLS)
        return
    session.write(b"+OK ready for TLS\r\n")
    session.name = None
    session.in_the_middle = True
    await session.start_tls(session.parts.tls_options())
