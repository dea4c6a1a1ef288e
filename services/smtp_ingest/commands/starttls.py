"""STARTTLS: from here on encrypted, and everything said before is forgotten (RFC 3207 §4)."""

from __future__ import annotations

from services.smtp_ingest import replies
from services.smtp_ingest.session import SmtpSession


async def starttls(session: SmtpSession, argument: bytes) -> None:
    """STARTTLS. Commands sent ahead of the handshake are thrown away by the conversation."""
    if argument.strip():
        session.say(replies.SYNTAX)
    elif session.tls is not None:
        session.say(replies.ALREADY_TLS)
    elif session.parts.tls_options is None:
        session.say(replies.NO_TLS)
    else:
        session.say(replies.READY_FOR_TLS)
        session.in_the_middle = True
        await session.start_tls(session.parts.tls_options())
        session.end_transaction()
        session.greeting, session.extended = None, False
        session.account = None
