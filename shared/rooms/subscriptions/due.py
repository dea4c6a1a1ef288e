"""The rooms that have something to send."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction

# A look at an index for each room, however many are subscribed.
_ROOMS = """
    SELECT room.folder_id,
           EXISTS (
               SELECT FROM room_subscription AS row
               WHERE row.folder_id = room.folder_id AND kind = 'each' AND position < uidnext - 1
           ),
           EXISTS (
               SELECT FROM room_subscription AS row
               WHERE row.folder_id = room.folder_id AND kind = 'digest' AND digest_at <= %(now)s
           ),
           EXISTS (
               SELECT FROM remote_subscriber AS row
               WHERE row.folder_id = room.folder_id AND kind = 'each' AND position < uidnext - 1
           ),
           EXISTS (
               SELECT FROM remote_subscriber AS row
               WHERE row.folder_id = room.folder_id AND kind = 'digest' AND digest_at <= %(now)s
           )
    FROM room JOIN folder ON folder.id = room.folder_id
    WHERE EXISTS (SELECT FROM room_subscription AS row WHERE row.folder_id = room.folder_id)
       OR EXISTS (SELECT FROM remote_subscriber AS row WHERE row.folder_id = room.folder_id)
    ORDER BY room.folder_id
"""


class RoomsToSend(NamedTuple):
    """Numbers of rooms."""

    subscribed: Set[int]  # somebody is subscribed
    each: Sequence[int]  # somebody has not been sent the newest posts
    digests: Sequence[int]  # somebody's digest is due
    each_elsewhere: Sequence[int] = ()
    digests_elsewhere: Sequence[int] = ()


def rooms_to_send(tx: Transaction, now: datetime) -> RoomsToSend:
    """One query."""
    rows = tx.rows(_ROOMS, {"now": now})
    return RoomsToSend(
        frozenset(room for room, *_ in rows),
        [row[0] for row in rows if row[1]],
        [row[0] for row in rows if row[2]],
        [row[0] for row in rows if row[3]],
        [row[0] for row in rows if row[4]],
    )
