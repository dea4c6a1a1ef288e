"""CLOSE and UNSELECT (RFC 3501 §6.4.2, RFC 3691)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.values.commands import Close, Unselect
from shared.folders.errors import FolderNotFound
from shared.folders.expunge import expunge

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey_close(session: ImapSession, command: Close) -> Reply:
    r"""What carries \Deleted goes without a word."""
    selected = session.selected
    assert selected is not None
    if not selected.read_only:
        try:
            expunged = await session.backing.database.transact(expunge, selected.folder_id)
        except FolderNotFound:  # somebody deleted it: nothing is left to remove
            pass
        else:
            await session.backing.bus.announce(expunged.events)
    session.leave_mailbox()
    return ok(b"CLOSE completed")


async def obey_unselect(session: ImapSession, command: Unselect) -> Reply:
    session.leave_mailbox()
    return ok(b"UNSELECT completed")
