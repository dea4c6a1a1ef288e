"""The water marks of rooms: the numbers of their articles.

Below the low one no article will appear again (RFC 3977 §6.1.1.2): an article that is cancelled, and may come back for
30 days, counts. The number of articles does not count it. A room whose articles are all cancelled has 0 of them and
the marks it had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.packed import array_literal
from shared.rooms.errors import RoomNotFound
from shared.rooms.room import Water

_LOWEST = "(SELECT uid FROM article WHERE folder_id = folder.id ORDER BY folder_id, uid LIMIT 1)"
_ONE = Prepared(f"SELECT coalesce({_LOWEST}, uidnext), uidnext - 1, messages FROM folder WHERE id = %s")
_MANY = Prepared(
    f"SELECT id, coalesce({_LOWEST}, uidnext), uidnext - 1, messages FROM folder WHERE id = ANY(%s::bigint[])"
)


def water_of(tx: Transaction, folder_id: int) -> Water:
    """Two rows by their keys, however many articles there are. Raises RoomNotFound."""
    row = tx.row(_ONE, (folder_id,))
    if row is None:
        raise RoomNotFound
    return Water(*row)


def waters_of(tx: Transaction, folder_ids: Iterable[int]) -> Mapping[int, Water]:
    """The same for many, by number of the room; those that are gone are left out."""
    return {folder_id: Water(*marks) for folder_id, *marks in tx.rows(_MANY, (array_literal(folder_ids),))}
