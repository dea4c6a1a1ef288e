"""Listing rooms, with who moderates them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from shared.database.transaction import Transaction
from shared.rooms.room import COLUMNS, Room, room_from

_ALL = f"SELECT {COLUMNS} FROM room ORDER BY name"  # its collation is "C"
_MODERATES = "SELECT account_id, array_agg(folder_id) FROM moderator GROUP BY account_id"


def list_rooms(tx: Transaction) -> Sequence[Room]:
    """All rooms, by name."""
    return [room_from(row) for row in tx.rows(_ALL)]


def list_moderating(tx: Transaction) -> Mapping[int, Set[int]]:
    """By account, the rooms that it was made a moderator of."""
    return {account_id: frozenset(room_ids) for account_id, room_ids in tx.rows(_MODERATES)}
