"""LOGOUT (RFC 3501 §6.1.3)."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Logout


async def obey(session: ImapSession, command: Logout) -> Reply:
    session.leaving = True
    session.leave_mailbox()
    session.write(b"* BYE until next time\r\n")
    return ok(b"LOGOUT completed")
