"""SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.values.commands import Select
from services.mail_access.imap.values.flags import SEEN
from shared.database.transaction import Transaction
from shared.folders.find import find_folder
from shared.folders.open_folder import Snapshot, open_folder
from shared.folders.recent import claim_recent, told_below

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey(session: ImapSession, command: Select) -> Reply:
    """A failure leaves no mailbox selected (RFC 3501 §6.3.1)."""
    assert session.account is not None
    if session.selected is not None:
        session.leave_mailbox()
        session.write(b"* OK [CLOSED] the mailbox before is closed\r\n")  # RFC 7162 §3.2.11
    backing = session.backing
    snapshot, recent_from = await backing.database.read(_open, session.account.id, command.mailbox)
    uidnext = snapshot.folder.uidnext
    if recent_from < uidnext and not command.read_only:  # EXAMINE leaves them to others (RFC 3501 §6.3.2)
        recent_from = await backing.database.transact(claim_recent, snapshot.folder.id, uidnext)
    if command.condstore:
        enable_condstore(session)
    selected = session.selected = Selected(snapshot, command.read_only, session.condstore, recent_from)
    selected.watch = backing.bus.watch_folder(selected.folder_id, session.heard)
    selected.news = True  # nobody watched while it was read
    session.write(selected.tell_flags() + _particulars(selected))
    name = b"EXAMINE" if command.read_only else b"SELECT"
    return ok(name + b" completed", code=b"READ-ONLY" if command.read_only else b"READ-WRITE")


def _open(tx: Transaction, account_id: int, name: str) -> tuple[Snapshot, int]:
    folder_id = find_folder(tx, account_id, name).id
    return open_folder(tx, folder_id), told_below(tx, folder_id)


def _particulars(selected: Selected) -> bytes:
    numbering = selected.numbering
    seen = [bool(mask & SEEN) for mask in numbering.flag_sets.masks]
    unseen = next((at for at, number in enumerate(numbering.flag_numbers, 1) if not seen[number]), None)
    return b"".join(
        [
            selected.tell_size(),
            b"* OK [UNSEEN %d] the first unread one\r\n" % unseen if unseen is not None else b"",
            b"* OK [UIDVALIDITY %d] UIDs are valid\r\n" % selected.uidvalidity,
            b"* OK [UIDNEXT %d] the next UID\r\n" % selected.uidnext,
            b"* OK [HIGHESTMODSEQ %d] where the change log is\r\n" % selected.modseq,
        ]
    )
