"""The moderators of a room."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.account import COLUMNS, Account, account_of
from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.rooms.channel import RoomsChanged
from shared.rooms.errors import ModeratorNotFound
from shared.rooms.room import Room


def add_moderator(tx: Transaction, room: Room, account: Account) -> None:
    """Nothing changes where it is one. Raises AccountNotFound when the account or the room went meanwhile."""
    with referring(AccountNotFound):
        tx.execute(
            "INSERT INTO moderator (folder_id, account_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (room.folder_id, account.id),
        )
    tx.announce(RoomsChanged())


def delete_moderator(tx: Transaction, room: Room, account: Account) -> None:
    """Raises ModeratorNotFound."""
    if not tx.execute("DELETE FROM moderator WHERE folder_id = %s AND account_id = %s", (room.folder_id, account.id)):
        raise ModeratorNotFound(account.name)
    tx.announce(RoomsChanged())


def list_moderators(tx: Transaction, room: Room) -> Sequence[Account]:
    """Those of this room, by name; admins moderate besides them."""
    rows = tx.rows(
        f"SELECT {COLUMNS} FROM moderator JOIN account ON account.id = account_id WHERE folder_id = %s"
        " ORDER BY account.name",
        (room.folder_id,),
    )
    return [account_of(row) for row in rows]
