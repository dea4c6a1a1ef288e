"""SELECT and EXAMINE (RFC 3501 §6.3.1, §6.3.2)."""

from __future__ import annotations

from services.mail_access.imap.commands.enable import enable_condstore
from services.mail_access.imap.mailbox import Mailbox, Opened
from services.mail_access.imap.mailbox_named import mailbox_named
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.selected import MISSED, NO_NEWS, Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Select
from services.mail_access.imap.values.flags import SEEN
from shared.accounts.account import Account

MANY = 10_000  # messages that are numbered in a thread: about a millisecond and a half


async def obey(session: ImapSession, account: Account, command: Select) -> Reply:
    """A failure leaves no mailbox selected (RFC 3501 §6.3.1)."""
    if session.selected is not None:
        session.leave_mailbox()
        session.write(b"* OK [CLOSED] the previous mailbox is closed\r\n")  # RFC 7162 §3.2.11
    selected = await _open(session, account, command)
    if command.condstore:
        enable_condstore(session)
    selected.condstore = session.condstore
    session.selected = selected
    session.write(selected.tell_flags() + _particulars(selected))
    name = b"EXAMINE" if command.read_only else b"SELECT"
    return ok(name + b" completed", code=b"READ-ONLY" if command.read_only else b"READ-WRITE")


async def _open(session: ImapSession, account: Account, command: Select) -> Selected:
    mailbox = await mailbox_named(session.parts, account, command.mailbox)
    session.heard_early = False
    opened = await mailbox.open(session.heard, command.read_only)
    selected = await _numbered(session, mailbox, opened, command.read_only)
    selected.watches = opened.watches
    selected.news = MISSED if session.heard_early or opened.may_have_missed else NO_NEWS
    return selected


async def _numbered(session: ImapSession, mailbox: Mailbox, opened: Opened, read_only: bool) -> Selected:
    snapshot, recent_from = opened.snapshot, opened.recent_from
    if len(snapshot.uids) <= MANY:
        return Selected(mailbox, snapshot, read_only, recent_from)
    return await session.parts.message_cache.aside(lambda: Selected(mailbox, snapshot, read_only, recent_from))


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
