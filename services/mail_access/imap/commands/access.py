"""MYRIGHTS, GETACL, LISTRIGHTS, SETACL and DELETEACL (RFC 4314 §3)."""

from __future__ import annotations

from services.mail_access.imap.access import MailboxAccess, OwnAccess, RoomAccess
from services.mail_access.imap.listing import quoted
from services.mail_access.imap.mailbox_named import mailbox_named
from services.mail_access.imap.own_mailbox import OwnMailbox
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.rights import told
from services.mail_access.imap.room_mailbox import RoomMailbox
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import GetAcl, ListRights, MyRights, SetAcl
from shared.accounts.account import Account


async def obey_my_rights(session: ImapSession, account: Account, command: MyRights) -> Reply:
    mine = await (await _access(session, account, command.mailbox)).mine()
    session.write(b"* MYRIGHTS %b %b\r\n" % (quoted(command.mailbox), _letters(mine)))
    return ok(b"MYRIGHTS completed")


async def obey_get_acl(session: ImapSession, account: Account, command: GetAcl) -> Reply:
    entries = await (await _access(session, account, command.mailbox)).entries()
    words = [b" %b %b" % (_identifier(identifier), _letters(rights)) for identifier, rights in entries]
    session.write(b"* ACL %b%b\r\n" % (quoted(command.mailbox), b"".join(words)))
    return ok(b"GETACL completed")


async def obey_list_rights(session: ImapSession, account: Account, command: ListRights) -> Reply:
    grantable = await (await _access(session, account, command.mailbox)).grantable(command.identifier)
    words = [quoted(command.mailbox), _identifier(command.identifier), _letters(grantable.always)]
    words += [_letters(rights) for rights in grantable.optional]
    session.write(b"* LISTRIGHTS %b\r\n" % b" ".join(words))
    return ok(b"LISTRIGHTS completed")


async def obey_set_acl(session: ImapSession, account: Account, command: SetAcl) -> Reply:
    access = await _access(session, account, command.mailbox)
    await access.grant(command.identifier, command.action, command.rights)
    return ok(command.name + b" completed")


async def _access(session: ImapSession, account: Account, name: str) -> MailboxAccess:
    mailbox = await mailbox_named(session.parts, account, name)
    if isinstance(mailbox, RoomMailbox):
        return RoomAccess(session.parts, account, mailbox)
    assert isinstance(mailbox, OwnMailbox)
    return OwnAccess(session.parts, account, mailbox)


def _letters(rights: str) -> bytes:
    return told(rights).encode("ascii") or b'""'


def _identifier(name: str) -> bytes:
    return b'"' + name.encode("utf-8").replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
