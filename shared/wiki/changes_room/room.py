"""The room of the wiki's changes, made where there is none: read by who reads the wiki, and for replies only."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.rooms.change_room import change_room
from shared.rooms.create_room import create_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.find_room import find_room
from shared.rooms.room import Posters, Readers, Room
from shared.wiki.policy import WikiPolicy

CHANGES = "agora.wiki.changes"


def changes_room(tx: Transaction, policy: WikiPolicy) -> Room:
    """The room; where the wiki is for members now, it is, too. Announces RoomsChanged if something was done."""
    reading = Readers.EVERYONE if policy.reading == "everyone" else Readers.MEMBERS
    try:
        room = find_room(tx, CHANGES)
    except RoomNotFound:
        return create_room(
            tx, CHANGES, description="Every change of a page; a reply comments on the page", reading=reading,
            posting=Posters.MEMBERS, replies_only=True,
        )  # fmt: skip
    if reading is Readers.MEMBERS and room.reading is not reading:
        return change_room(tx, room, {"reading": reading})
    return room
