"""Reading a post that waits for a moderator."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.rooms.errors import NotHeld

_OCTETS = "SELECT octets FROM held WHERE token = %s AND decided_at IS NULL"


def held_octets(tx: Transaction, token: str) -> bytes:
    """As it will be posted, but for Approved. Whether the caller may read it is theirs to know. Raises NotHeld."""
    row = tx.row(_OCTETS, (token,))
    if row is None:
        raise NotHeld(token)
    octets: bytes = row[0]
    return octets
