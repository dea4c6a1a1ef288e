"""The weblog's room, agora.blog, made where there is none: everybody reads it, members write."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.rooms.create_room import create_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.find_room import find_room
from shared.rooms.room import Posters, Readers, Room

WEBLOG = "agora.blog"


def find_or_make_weblog(tx: Transaction) -> Room:
    """The room. Announces RoomsChanged if it was made; raises RoomExists if another process makes it at this moment."""
    try:
        return find_room(tx, WEBLOG)
    except RoomNotFound:
        return create_room(
            tx, WEBLOG, description="The weblog: what members write for everybody", reading=Readers.EVERYONE,
            posting=Posters.MEMBERS,
        )  # fmt: skip
