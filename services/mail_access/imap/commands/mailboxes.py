"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 §6.3.3 to §6.3.7, CREATE-SPECIAL-USE RFC 6154 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.values.commands import Create, Delete, Rename, Subscribe
from shared.folders.create import create_folder
from shared.folders.delete import delete_folder
from shared.folders.rename import rename_folder
from shared.folders.subscribe import subscribe, unsubscribe

if TYPE_CHECKING:
    from services.mail_access.imap.session import ImapSession


async def obey_create(session: ImapSession, command: Create) -> Reply:
    assert session.account is not None
    await session.backing.database.transact(
        create_folder, session.account.id, command.mailbox, special_use=command.special_use
    )
    return ok(b"CREATE completed")


async def obey_delete(session: ImapSession, command: Delete) -> Reply:
    assert session.account is not None
    backing = session.backing
    await backing.bus.announce(await backing.database.transact(delete_folder, session.account.id, command.mailbox))
    if session.selected is not None and session.selected.name == command.mailbox:
        session.leave_mailbox()
        session.write(b"* OK [CLOSED] the selected mailbox is gone\r\n")
    return ok(b"DELETE completed")


async def obey_rename(session: ImapSession, command: Rename) -> Reply:
    assert session.account is not None
    backing = session.backing
    events = await backing.database.transact(rename_folder, session.account.id, command.mailbox, command.new_name)
    await backing.bus.announce(events)
    return ok(b"RENAME completed")


async def obey_subscribe(session: ImapSession, command: Subscribe) -> Reply:
    assert session.account is not None
    database = session.backing.database
    if command.wanted:
        await database.transact(subscribe, session.account.id, command.mailbox)
    else:
        await database.transact(unsubscribe, session.account.id, command.mailbox)
    return ok(b"SUBSCRIBE completed" if command.wanted else b"UNSUBSCRIBE completed")
