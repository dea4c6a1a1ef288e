"""COPY and MOVE (RFC 3501 §6.4.7, RFC 6851), with COPYUID (RFC 4315 §3)."""

from __future__ import annotations

from array import array

from services.mail_access.imap.commands.copy_into_room import post_copies
from services.mail_access.imap.mailbox import Mailbox
from services.mail_access.imap.mailbox_named import mailbox_named
from services.mail_access.imap.message_set import positions_of, refuse_to_expunge
from services.mail_access.imap.numbering import AT_ONCE
from services.mail_access.imap.replies import TRY_CREATE
from services.mail_access.imap.response import Refused, Reply, ok
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.selected import Selected, uids_at
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import do_and_read_updates, send_updates, take_in
from services.mail_access.imap.values.commands import Copy
from services.mail_access.imap.values.sequence_set import render_set
from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.folders.copy_entries import Copied
from shared.folders.errors import FolderNotFound, MessageNotFound


async def obey(session: ImapSession, account: Account, selected: Selected, command: Copy) -> Reply:
    if command.move:
        refuse_to_expunge(selected)
    else:
        session.parts.database.free_space.check()
    uids = uids_at(selected.numbering, await positions_of(session, selected, command.numbers, command.uid))
    target = await mailbox_named(session.parts, account, command.mailbox)
    if isinstance(target, RoomMailbox):
        return await post_copies(session, selected, target, uids, command)
    try:
        copied, changes = await do_and_read_updates(session, selected, _copy, selected, uids, target, command)
    except MessageNotFound:
        await send_updates(session, selected)
        await session.tell(selected.expunge())  # the NO is told once the client knows which numbers were meant
        raise
    code = await _copyuid(session, copied)
    if command.move and code:
        session.write(b"* OK [%b] moved\r\n" % code)  # RFC 6851 §4.3: before the EXPUNGEs
    await take_in(session, selected, changes)
    if not command.move:
        return ok(b"COPY completed", code)
    await session.tell(selected.expunge())
    return ok(b"MOVE completed", b"HIGHESTMODSEQ %d" % selected.modseq if selected.condstore else b"")


def _copy(tx: Transaction, selected: Selected, uids: array[int], to: Mailbox, command: Copy) -> Copied:
    try:
        target = to.status(tx)
    except FolderNotFound:
        raise Refused(TRY_CREATE) from None
    done = (selected.mailbox.move if command.move else selected.mailbox.copy)(tx, target.id, uids)
    if len(done.uids) < len(uids) and not command.uid and command.numbers is not None:
        # A number stands for a message that the client sees: all are copied or none (RFC 3501 §6.4.7, RFC 2180 §4.4.1).
        raise MessageNotFound
    return done


async def _copyuid(session: ImapSession, copied: Copied) -> bytes:
    if not copied.uids:
        return b""
    if len(copied.uids) <= AT_ONCE:
        return _render_copyuid(copied)
    return await session.parts.message_cache.aside(lambda: _render_copyuid(copied))


def _render_copyuid(copied: Copied) -> bytes:
    return b"COPYUID %d %b %b" % (copied.uidvalidity, render_set(copied.uids), render_set(copied.new_uids))
