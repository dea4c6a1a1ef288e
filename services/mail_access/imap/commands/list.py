"""LIST and LSUB (RFC 3501 §6.3.8, §6.3.9; LIST-EXTENDED RFC 5258; LIST-STATUS RFC 5819; SPECIAL-USE RFC 6154)."""

from __future__ import annotations

from services.mail_access.imap.commands.status import render_status
from services.mail_access.imap.listing import listed, render_listed
from services.mail_access.imap.response import Reply, ok
from services.mail_access.imap.rooms_listed import rooms_listed, statuses_of_rooms
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.commands import List
from shared.accounts.account import Account
from shared.folders.list_folders import list_folders


async def obey(session: ImapSession, account: Account, command: List) -> Reply:
    word = b"LSUB" if command.lsub else b"LIST"
    if not command.extended and list(command.patterns) == [""]:  # asks for the separator only
        session.write(b'* %b (\\Noselect) "/" ""\r\n' % word)
        return ok(word + b" completed")
    names = await session.parts.database.read(list_folders, account.id)
    folders = {each.folder.name: each.folder for each in names if each.folder is not None}
    subscribed = {each.name for each in names if each.subscribed}
    rooms = await rooms_listed(session.parts, account)
    if command.status and rooms:
        folders |= await statuses_of_rooms(session.parts, account, command, subscribed)
    own = [folder for folder in folders.values() if folder.account_id is not None]
    for line in listed(command, [*own, *rooms], subscribed):
        if line is not None:
            session.write(render_listed(line, word))
            if command.status and line.selectable and line.name in folders:  # a room may be new since the query
                session.write(await render_status(session, folders[line.name], command.status))
            await session.drain()
        await session.give_way()
    return ok(word + b" completed")
