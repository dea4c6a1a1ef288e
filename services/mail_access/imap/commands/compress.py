"""COMPRESS (RFC 4978): from its OK on, both directions are deflated."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, bad, no, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Compress
from shared.accounts.account import Account


async def obey(session: ImapSession, account: Account, command: Compress) -> Reply:
    if command.mechanism != b"DEFLATE":
        return bad(b"DEFLATE is the only compression")
    if session.compressed:
        return no(b"compressed already", code=b"COMPRESSIONACTIVE")

    async def begin() -> None:
        session.start_deflate()

    session.compressed = True
    session.after_reply = begin
    return ok(b"DEFLATE from now on")
