"""Deleting a room with all its articles."""

from __future__ import annotations

from shared.accounts.channel import DomainsChanged
from shared.database.transaction import Transaction
from shared.folders.delete_folder import delete_folder
from shared.rooms.channel import RoomsChanged
from shared.rooms.room import Room


def delete_room(tx: Transaction, room: Room) -> None:
    """There is no way back but a backup. Crossposts stay in their other rooms.

    Announces RoomsChanged. Raises FolderNotFound.
    """
    delete_folder(tx, None, room.folder_name)
    tx.announce(RoomsChanged())
    tx.announce(DomainsChanged())  # its name is no address any more
