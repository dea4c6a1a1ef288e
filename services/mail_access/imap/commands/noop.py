"""NOOP and CHECK: the looking around that precedes every command is all they do (RFC 3501 §6.1.2, §6.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.values.commands import Check, Noop

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey(session: ImapSession, command: Noop | Check) -> Reply:
    return ok(b"CHECK completed" if isinstance(command, Check) else b"NOOP completed")
