"""ID: the server's name; the client's is not kept (RFC 2971)."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Id


async def obey(session: ImapSession, command: Id) -> Reply:
    session.write(b'* ID ("name" "Agora")\r\n')  # no version: strangers need not know which bugs we have
    return ok(b"ID completed")
