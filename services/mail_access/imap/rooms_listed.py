"""The rooms in the answers to LIST and LSUB: those that the account may read, below a name that only holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.mail_access.imap.listing import Named
from services.mail_access.imap.parts import ImapParts
from shared.accounts.account import Account
from shared.folders.folder import Folder
from shared.folders.name import ROOMS
from shared.rooms.view import folders_as_seen


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


async def statuses_of_rooms(parts: ImapParts, account: Account) -> Mapping[str, Folder]:
    """Their numbers as the account sees them, by name, in one query for all."""
    rooms = await parts.rooms.rooms()
    ids = [room.folder_id for room in rooms.readable_by(rooms.reader(account))]
    if not ids:
        return {}
    folders = await parts.database.read(folders_as_seen, account.id, ids)
    return {folder.name: folder for folder in folders.values()}
