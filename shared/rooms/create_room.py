"""Making a room."""

from __future__ import annotations

from shared.accounts.channel import DomainsChanged
from shared.database.transaction import Transaction
from shared.folders.name import ROOMS
from shared.rooms.addresses import add_short_addresses
from shared.rooms.channel import RoomsChanged
from shared.rooms.description import room_description
from shared.rooms.errors import RoomExists
from shared.rooms.name import room_name
from shared.rooms.room import COLUMNS, Posters, Readers, Room, folder_name_of, room_from

# The folder above all rooms cannot be selected: a message in it would be in no room.
_FOLDER_ABOVE = "INSERT INTO folder (account_id, name, selectable) VALUES (NULL, %s, false) ON CONFLICT DO NOTHING"
_FOLDER = "INSERT INTO folder (account_id, name) VALUES (NULL, %s) ON CONFLICT DO NOTHING RETURNING id"
_ROOM = f"""
    INSERT INTO room (folder_id, name, description, reading, posting, moderated, fed, keep_days, replies_only,
                      elsewhere)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING {COLUMNS}
"""


def create_room(
    tx: Transaction,
    name: str,
    *,
    description: str = "",
    reading: Readers = Readers.MEMBERS,
    posting: Posters = Posters.MEMBERS,
    moderated: bool = False,
    fed: bool = False,
    keep_days: int | None = None,
    replies_only: bool = False,
    elsewhere: bool | None = None,
) -> Room:
    """Make the room, its folder, and its short address where that is free. Its first article will be number 1.

    Announces RoomsChanged. Raises BadRoomName, RoomExists.
    """
    name = room_name(name)
    tx.execute(_FOLDER_ABOVE, (ROOMS,))
    folder_id = tx.value(_FOLDER, (folder_name_of(name),))
    if folder_id is None:
        raise RoomExists(name)
    description = room_description(description)
    values = (folder_id, name, description, reading, posting, moderated, fed, keep_days, replies_only, elsewhere)
    row = tx.row(_ROOM, values)
    assert row is not None
    room = room_from(row)
    tx.announce(RoomsChanged())
    tx.announce(DomainsChanged())  # its name is an address from now on
    add_short_addresses(tx, room)
    return room
