"""NAMESPACE (RFC 2342): one personal namespace, and the rooms, which are shared."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Namespace
from shared.accounts.account import Account


async def obey(session: ImapSession, account: Account, command: Namespace) -> Reply:
    session.write(b'* NAMESPACE (("" "/")) NIL (("Rooms/" "/"))\r\n')
    return ok(b"NAMESPACE completed")
