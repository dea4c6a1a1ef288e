"""ENABLE (RFC 5161): CONDSTORE is all there is to enable."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Enable
from shared.accounts.account import Account


async def obey(session: ImapSession, account: Account, command: Enable) -> Reply:
    wanted = b"CONDSTORE" in command.capabilities
    session.write(b"* ENABLED CONDSTORE\r\n" if wanted else b"* ENABLED\r\n")
    if wanted:
        enable_condstore(session)
    return ok(b"ENABLE completed")


def enable_condstore(session: ImapSession) -> None:
    """RFC 7162 §3.1: a client that asks for mod-sequences once is told them from then on."""
    session.condstore = True
    if session.selected is not None and not session.selected.condstore:
        session.selected.condstore = True
        session.write(b"* OK [HIGHESTMODSEQ %d] the highest so far\r\n" % session.selected.modseq)
