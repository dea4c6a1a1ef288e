"""STATUS (RFC 3501 §6.3.10, STATUS=SIZE RFC 8438, HIGHESTMODSEQ RFC 7162 §3.1.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.listing import quoted
from services.mail_access.imap.mailbox_named import mailbox_named
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Status
from shared.accounts.account import Account
from shared.folders.folder import Folder
from shared.folders.recent import with_recent

_NUMBERS: dict[bytes, Callable[[Folder], int]] = {
    b"MESSAGES": lambda folder: folder.messages,
    b"UIDNEXT": lambda folder: folder.uidnext,
    b"UIDVALIDITY": lambda folder: folder.uidvalidity,
    b"UNSEEN": lambda folder: folder.unseen,
    b"SIZE": lambda folder: folder.octets,
    b"HIGHESTMODSEQ": lambda folder: folder.highest_modseq,
}


async def obey(session: ImapSession, account: Account, command: Status) -> Reply:
    mailbox = await mailbox_named(session.parts, account, command.mailbox)
    folder = await session.parts.database.read(mailbox.status)
    if b"HIGHESTMODSEQ" in command.items:
        enable_condstore(session)
    session.write(await render_status(session, folder, command.items))
    return ok(b"STATUS completed")


async def render_status(session: ImapSession, folder: Folder, items: Sequence[bytes]) -> bytes:
    """The untagged STATUS. RECENT is not in the folder's row: where it is wanted, both are read, of one moment."""
    now, recent = folder, 0
    if b"RECENT" in items and folder.account_id is not None:  # in a room nothing is recent
        now, recent = await session.parts.database.read(with_recent, folder)
    numbers = [b"%b %d" % (item, _NUMBERS[item](now) if item in _NUMBERS else recent) for item in items]
    return b"* STATUS %b (%b)\r\n" % (quoted(folder.name), b" ".join(numbers))
