"""Listing who is subscribed to a room by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.database.transaction import Transaction
from shared.rooms.room import Room
from shared.rooms.subscriptions.subscription import MailSubscription, SubscriptionKind

_OF_ROOM = """
    SELECT name, kind, position, since, passed_over, passed_over_at, passed_over_because
    FROM room_subscription JOIN account ON account.id = account_id WHERE folder_id = %s ORDER BY name
"""


def list_subscriptions(tx: Transaction, room: Room) -> Sequence[MailSubscription]:
    """By the names of the accounts."""
    rows = tx.rows(_OF_ROOM, (room.folder_id,))
    return [MailSubscription(name, SubscriptionKind(kind), *rest) for name, kind, *rest in rows]


def count_subscriptions(tx: Transaction, room: Room) -> Mapping[SubscriptionKind, int]:
    """How many are subscribed in each way."""
    counts = dict(
        tx.rows("SELECT kind, count(*) FROM room_subscription WHERE folder_id = %s GROUP BY kind", (room.folder_id,))
    )
    return {kind: counts.get(kind.value, 0) for kind in SubscriptionKind}
