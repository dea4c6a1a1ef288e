"""NAMESPACE (RFC 2342): one personal namespace, no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.values.commands import Namespace

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey(session: ImapSession, command: Namespace) -> Reply:
    session.write(b'* NAMESPACE (("" "/")) NIL NIL\r\n')
    return ok(b"NAMESPACE completed")
