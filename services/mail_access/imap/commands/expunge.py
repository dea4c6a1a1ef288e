"""EXPUNGE and UID EXPUNGE (RFC 3501 §6.4.3, RFC 4315 §2.1)."""

from __future__ import annotations

from services.mail_access.imap.message_set import positions_of, refuse_to_expunge
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import do_and_read_updates, take_in
from services.mail_access.imap.values.commands import Expunge
from shared.accounts.account import Account


async def obey(session: ImapSession, account: Account, selected: Selected, command: Expunge) -> Reply:
    refuse_to_expunge(selected)
    uids = None
    if command.uids is not None:
        uids = uids_at(selected.numbering, await positions_of(session, selected, command.uids, uid=True))
    _expunged, changes = await do_and_read_updates(session, selected, selected.mailbox.expunge, uids)
    await take_in(session, selected, changes)
    await session.tell(selected.expunge())
    code = b"HIGHESTMODSEQ %d" % selected.modseq if selected.condstore else b""
    return ok(b"EXPUNGE completed", code)
