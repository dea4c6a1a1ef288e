"""Listing the rooms that an account is subscribed to by mail."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.rooms.subscriptions.subscription import OwnSubscription, SubscriptionKind

_OF_ACCOUNT = """
    SELECT room.folder_id, room.name, kind, passed_over FROM room_subscription JOIN room USING (folder_id)
    WHERE account_id = %s ORDER BY room.name
"""


def subscriptions_of(tx: Transaction, account_id: int) -> Sequence[OwnSubscription]:
    """By the names of the rooms."""
    return [
        OwnSubscription(folder_id, name, SubscriptionKind(kind), passed_over)
        for folder_id, name, kind, passed_over in tx.rows(_OF_ACCOUNT, (account_id,))
    ]
