"""Finding one room in the store; sessions ask the directory instead."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.rooms.errors import RoomNotFound
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import COLUMNS, Room, room_from


def find_room(tx: Transaction, name: str) -> Room:
    """The room of that name, in whatever case. Raises RoomNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM room WHERE name = %s", (name.lower(),))
    if row is None:
        raise RoomNotFound(name)
    return room_from(row)


def lock_room(tx: Transaction, name: str) -> Room:
    """The same; others who change its policy or its moderators wait for the end of this transaction.

    Moderators whose accounts are deleted go nevertheless. Raises RoomNotFound.
    """
    row = tx.row(f"SELECT {COLUMNS} FROM room WHERE name = %s FOR NO KEY UPDATE", (name.lower(),))
    if row is None:
        raise RoomNotFound(name)
    return room_from(row)


def find_room_by_id(tx: Transaction, folder_id: int) -> Room:
    """Raises RoomNotFound."""
    row = tx.row(f"SELECT {COLUMNS} FROM room WHERE folder_id = %s", (folder_id,))
    if row is None:
        raise RoomNotFound(folder_id)
    return room_from(row)


def find_reader(tx: Transaction, account: Account | None) -> Reader:
    """The account with the rooms that it moderates."""
    if account is None:
        return STRANGER
    rows = tx.rows("SELECT folder_id FROM moderator WHERE account_id = %s", (account.id,))
    return Reader(account, frozenset(folder_id for (folder_id,) in rows))
