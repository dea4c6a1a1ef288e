"""Ending an account's subscription to a room by mail."""

from __future__ import annotations

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.rooms.room import Room
from shared.rooms.subscriptions.channel import SubscribersChanged
from shared.rooms.subscriptions.errors import NotSubscribed


def unsubscribe(tx: Transaction, room: Room, account: Account) -> None:
    """Nothing is sent from now on, a digest's posts neither. Announces SubscribersChanged. Raises NotSubscribed."""
    deleted = tx.execute(
        "DELETE FROM room_subscription WHERE folder_id = %s AND account_id = %s", (room.folder_id, account.id)
    )
    if not deleted:
        raise NotSubscribed(account.name)
    tx.announce(SubscribersChanged())
