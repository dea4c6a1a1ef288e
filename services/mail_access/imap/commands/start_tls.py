"""STARTTLS (RFC 3501 §6.2.1). What the client sent ahead of the handshake is thrown away unread."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, bad, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import StartTls


async def obey(session: ImapSession, command: StartTls) -> Reply:
    certificates = session.parts.certificates
    if session.tls is not None:
        return bad(b"the connection is encrypted already")
    if certificates is None:
        return bad(b"TLS is not available")
    session.after_reply = lambda: session.start_tls(certificates.context_factory())
    return ok(b"begin TLS now")
