"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 §6.3.3 to §6.3.7, CREATE-SPECIAL-USE RFC 6154 §3)."""

from __future__ import annotations

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import Create, Delete, Rename, Subscribe
from shared.accounts.account import Account
from shared.folders.create_folder import create_folder
from shared.folders.delete_folder import delete_folder
from shared.folders.rename_folder import rename_folder
from shared.folders.subscribe import subscribe, unsubscribe


async def obey_create(session: ImapSession, account: Account, command: Create) -> Reply:
    await session.parts.database.transact(create_folder, account.id, command.mailbox, special_use=command.special_use)
    return ok(b"CREATE completed")


async def obey_delete(session: ImapSession, account: Account, command: Delete) -> Reply:
    await session.parts.database.transact(delete_folder, account.id, command.mailbox)
    if session.selected is not None and session.selected.name == command.mailbox:
        session.leave_mailbox()
        session.write(b"* OK [CLOSED] the selected mailbox is deleted\r\n")
    return ok(b"DELETE completed")


async def obey_rename(session: ImapSession, account: Account, command: Rename) -> Reply:
    await session.parts.database.transact(rename_folder, account.id, command.mailbox, command.new_name)
    return ok(b"RENAME completed")


async def obey_subscribe(session: ImapSession, account: Account, command: Subscribe) -> Reply:
    database = session.parts.database
    if command.wanted:
        await database.transact(subscribe, account.id, command.mailbox)
    else:
        await database.transact(unsubscribe, account.id, command.mailbox)
    return ok(b"SUBSCRIBE completed" if command.wanted else b"UNSUBSCRIBE completed")
