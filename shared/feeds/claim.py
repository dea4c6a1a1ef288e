"""The right to ask a feed: one process at a time, for as long as its lease lasts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared.database.transaction import Transaction
from shared.feeds.subscription import COLUMNS, FeedSubscription, feed_from

LEASE = timedelta(minutes=2)  # a fetch ends after 30 s, and parsing and posting a thousand items take some seconds
MOST_OF_ROOM = 20

_CLAIM = f"""
    UPDATE feed SET leased_by = %(process)s, leased_until = now() + %(lease)s
    WHERE id IN (
        SELECT id FROM feed
        WHERE {{which}} AND NOT stopped AND (leased_until IS NULL OR leased_until < now())
        ORDER BY next_try_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    RETURNING {COLUMNS}
"""
_DUE = _CLAIM.format(which="next_try_at <= now()")
_OF_ROOM = _CLAIM.format(which="folder_id = %(folder_id)s AND next_try_at <= now()")


def claim_due(tx: Transaction, process: UUID, most: int) -> Sequence[FeedSubscription]:
    """Up to `most` feeds that are due and that no process polls at the moment, the longest waiting first."""
    rows = tx.rows(_DUE, {"process": str(process), "lease": LEASE, "most": most})
    return [feed_from(row) for row in rows]


def claim_of_room(tx: Transaction, process: UUID, folder_id: int) -> Sequence[FeedSubscription]:
    """The overdue feeds of a room that no process polls at the moment."""
    rows = tx.rows(_OF_ROOM, {"process": str(process), "lease": LEASE, "most": MOST_OF_ROOM, "folder_id": folder_id})
    return [feed_from(row) for row in rows]
