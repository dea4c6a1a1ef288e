"""The mailbox that a name stands for: under `Rooms/` a room, everywhere else one of the account's own."""

from __future__ import annotations

from services.mail_access.imap.mailbox import Mailbox
from services.mail_access.imap.own_mailbox import OwnMailbox
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.room_mailbox import RoomMailbox
from shared.accounts.account import Account
from shared.folders.errors import FolderNotFound, FolderNotSelectable
from shared.folders.name import ROOMS, SEPARATOR
from shared.rooms.policy import may_read

ROOMS_PREFIX = ROOMS + SEPARATOR


async def mailbox_named(parts: ImapParts, account: Account, name: str) -> Mailbox:
    """The mailbox of that name as the account sees it. Whether one of its own is there is found out when it is used.

    A room that the account may not read is not there. Raises FolderNotFound, FolderNotSelectable, StoreUnavailable.
    """
    if name.startswith(ROOMS_PREFIX):
        room_name = name.removeprefix(ROOMS_PREFIX)
        rooms = await parts.rooms.rooms(room_name)
        room = rooms.by_name.get(room_name)
        if room is None or not may_read(room, rooms.reader(account)):
            raise FolderNotFound
        return RoomMailbox(parts, account, room)
    if name == ROOMS:
        raise FolderNotSelectable
    return OwnMailbox(parts, account.id, name)
