"""CAPABILITY (RFC 3501 §6.1.1)."""

from __future__ import annotations

from services.mail_access.imap.capabilities import capability_words
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Capability


async def obey(session: ImapSession, command: Capability) -> Reply:
    session.write(b"* CAPABILITY %b\r\n" % capability_words(session.connection_state()))
    return ok(b"CAPABILITY completed")
