"""The rooms in the answers to LIST and LSUB: those that the account may read, below a name that only holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from services.mail_access.imap.listing import Named
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.patterns import Matcher
from services.mail_access.imap.values.commands import List
from shared.accounts.account import Account
from shared.folders.folder import Folder
from shared.folders.name import ROOMS
from shared.rooms.marks.view import folders_as_seen


class NameOfRooms(NamedTuple):
    """What a list says of a room, or of the name above all of them."""

    name: str
    selectable: bool = True
    special_use: str | None = None


async def rooms_listed(parts: ImapParts, account: Account) -> Sequence[Named]:
    """Their names. Raises StoreUnavailable."""
    rooms = await parts.rooms.rooms()
    readable = rooms.readable_by(rooms.reader(account))
    above = [NameOfRooms(ROOMS, selectable=False)] if readable else []
    return [*above, *(NameOfRooms(room.folder_name) for room in readable)]


async def statuses_of_rooms(
    parts: ImapParts, account: Account, command: List, subscribed: Collection[str]
) -> Mapping[str, Folder]:
    """The numbers of those that the command asks for, as the account sees them, by name; one query for all."""
    rooms = await parts.rooms.rooms()
    matches = Matcher(command.reference, command.patterns).matches
    of_subscribed = b"SUBSCRIBED" in command.select
    ids = [
        room.folder_id
        for room in rooms.readable_by(rooms.reader(account))
        if matches(room.folder_name) and (not of_subscribed or room.folder_name in subscribed)
    ]
    if not ids:
        return {}
    folders = await parts.database.read(folders_as_seen, account.id, ids)
    return {folder.name: folder for folder in folders.values()}
