"""NOOP and CHECK: the updates that are sent with every command are all they are for (RFC 3501 §6.1.2, §6.4.1)."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Check, Noop
from shared.accounts.account import Account


async def obey_noop(session: ImapSession, command: Noop) -> Reply:
    return ok(b"NOOP completed")


async def obey_check(session: ImapSession, account: Account, selected: Selected, command: Check) -> Reply:
    return ok(b"CHECK completed")
