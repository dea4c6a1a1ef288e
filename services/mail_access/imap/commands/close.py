"""CLOSE and UNSELECT (RFC 3501 §6.4.2, RFC 3691)."""

from __future__ import annotations

from contextlib import suppress

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Close, Unselect
from shared.accounts.account import Account
from shared.folders.errors import FolderNotFound


async def obey_close(session: ImapSession, account: Account, selected: Selected, command: Close) -> Reply:
    r"""CLOSE: messages with \Deleted are removed, and the client is not told which."""
    if not selected.read_only and selected.mailbox.may_expunge:
        with suppress(FolderNotFound):  # somebody deleted it: nothing is left to remove
            await session.parts.database.transact(selected.mailbox.expunge)
    session.leave_mailbox()
    return ok(b"CLOSE completed")


async def obey_unselect(session: ImapSession, account: Account, selected: Selected, command: Unselect) -> Reply:
    session.leave_mailbox()
    return ok(b"UNSELECT completed")
