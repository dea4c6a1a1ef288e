"""Changing a room's policy and description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.database.transaction import Transaction
from shared.rooms.channel import RoomsChanged
from shared.rooms.description import room_description
from shared.rooms.errors import RoomNotFound
from shared.rooms.room import COLUMNS, Room, room_from

CHANGEABLE = ("description", "reading", "posting", "moderated", "fed", "keep_days", "elsewhere")


def change_room(tx: Transaction, room: Room, changes: Mapping[str, Any]) -> Room:
    """The room with these fields (of CHANGEABLE) changed. Announces RoomsChanged. Raises RoomNotFound."""
    unknown = changes.keys() - set(CHANGEABLE)
    if unknown:
        raise ValueError(f"no fields to change: {sorted(unknown)}")
    if not changes:
        return room
    values = dict(changes)
    if "description" in values:
        values["description"] = room_description(values["description"])
    assignments = ", ".join(f"{name} = %({name})s" for name in values)
    row = tx.row(
        f"UPDATE room SET {assignments} WHERE folder_id = %(folder_id)s RETURNING {COLUMNS}",
        {**values, "folder_id": room.folder_id},
    )
    if row is None:
        raise RoomNotFound(room.name)
    tx.announce(RoomsChanged())
    return room_from(row)
