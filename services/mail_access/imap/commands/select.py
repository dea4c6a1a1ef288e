"""SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2)."""

from __future__ import annotations

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import MISSED, NO_NEWS, Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Select
from services.mail_access.imap.values.flags import SEEN
from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.folders.channel import FOLDERS
from shared.folders.errors import FolderNotFound
from shared.folders.find import find_folder
from shared.folders.folder import FolderId
from shared.folders.open_folder import Snapshot, open_folder
from shared.folders.recent import claim_recent, told_below

MANY = 10_000  # messages that are numbered in a thread: about a millisecond and a half


async def obey(session: ImapSession, account: Account, command: Select) -> Reply:
    """A failure leaves no mailbox selected (RFC 3501 §6.3.1)."""
    if session.selected is not None:
        session.leave_mailbox()
        session.write(b"* OK [CLOSED] the previous mailbox is closed\r\n")  # RFC 7162 §3.2.11
    selected = await _open(session, account.id, command)
    if command.condstore:
        enable_condstore(session)
    selected.condstore = session.condstore
    session.selected = selected
    session.write(selected.tell_flags() + _particulars(selected))
    name = b"EXAMINE" if command.read_only else b"SELECT"
    return ok(name + b" completed", code=b"READ-ONLY" if command.read_only else b"READ-WRITE")


async def _open(session: ImapSession, account_id: int, command: Select) -> Selected:
    """Read the mailbox and have it watched.

    If its id is known, it is watched before it is read: then no change is missed and no second read is needed.
    """
    parts, name = session.parts, command.mailbox
    hint = parts.folder_ids.get((account_id, name))
    session.heard_early = hint is None
    watch = None if hint is None else parts.bus.watch(FOLDERS, hint, session.heard)
    try:
        snapshot, recent_from = await parts.database.read(_read, account_id, name, hint)
        folder = snapshot.folder
        if recent_from < folder.uidnext and not command.read_only:  # EXAMINE leaves them to others (RFC 3501 §6.3.2)
            recent_from = await parts.database.transact(claim_recent, folder.id, folder.uidnext)
    except BaseException:
        if watch is not None:
            watch.stop()
        raise
    if watch is not None and folder.id != hint:
        watch.stop()
        watch = None
        session.heard_early = True
    selected = await _numbered(session, command, snapshot, recent_from)
    selected.watch = watch or parts.bus.watch(FOLDERS, folder.id, session.heard)
    selected.news = MISSED if session.heard_early else NO_NEWS
    if folder.id != hint:  # the mailbox is another one than when it was last selected
        parts.folder_ids.drop((account_id, name))
        parts.folder_ids.put((account_id, name), folder.id)
    return selected


async def _numbered(session: ImapSession, command: Select, snapshot: Snapshot, recent_from: int) -> Selected:
    if len(snapshot.uids) <= MANY:
        return Selected(snapshot, command.read_only, recent_from)
    return await session.parts.message_cache.aside(lambda: Selected(snapshot, command.read_only, recent_from))


def _read(tx: Transaction, account_id: int, name: str, hint: FolderId | None) -> tuple[Snapshot, int]:
    """The folder, and the first UID that is recent in it. `hint` is where it was when it was last asked for."""
    snapshot = _at(tx, account_id, name, hint) or open_folder(tx, find_folder(tx, account_id, name).id)
    uidnext = snapshot.folder.uidnext
    return snapshot, told_below(tx, snapshot.folder.id) if snapshot.uids else uidnext


def _at(tx: Transaction, account_id: int, name: str, hint: FolderId | None) -> Snapshot | None:
    if hint is None:
        return None
    try:
        snapshot = open_folder(tx, hint)
    except FolderNotFound:
        return None
    folder = snapshot.folder
    return snapshot if (folder.account_id, folder.name) == (account_id, name) else None


def _particulars(selected: Selected) -> bytes:
    unseen = selected.numbering.having(SEEN).find(0)
    return b"".join(
        [
            selected.tell_size(),
            b"* OK [UNSEEN %d] the first unread one\r\n" % (unseen + 1) if unseen >= 0 else b"",
            b"* OK [UIDVALIDITY %d] UIDs are valid\r\n" % selected.uidvalidity,
            b"* OK [UIDNEXT %d] the next UID\r\n" % selected.uidnext,
            b"* OK [HIGHESTMODSEQ %d] the highest so far\r\n" % selected.modseq,
        ]
    )
