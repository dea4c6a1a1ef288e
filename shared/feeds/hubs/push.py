"""The right to take what a hub pushes: the feed is this process's for as long as its lease lasts, as for a poll."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from shared.database.transaction import Transaction
from shared.feeds.claim import LEASE
from shared.feeds.subscription import COLUMNS, FeedSubscription, feed_from

PUSHES_APART = timedelta(seconds=10)  # of one feed: each is parsed, which takes up to 30 s of a processor
POLLED_WITHIN = timedelta(minutes=1)

_CLAIM = f"""
    UPDATE feed SET leased_by = %(process)s, leased_until = now() + %(lease)s
    WHERE id = %(id)s AND NOT stopped AND (leased_until IS NULL OR leased_until < now())
      AND (answered_at IS NULL OR answered_at < now() - %(apart)s)
    RETURNING {COLUMNS}
"""
_SOON = """
    UPDATE feed SET next_try_at = least(next_try_at, now() + %s) WHERE id = %s AND NOT stopped
"""
_RELEASE = "UPDATE feed SET leased_by = NULL, leased_until = NULL WHERE id = %s AND leased_by = %s"


def claim_pushed(tx: Transaction, process: UUID, feed_id: int) -> FeedSubscription | None:
    """The feed; None if it is being read, or was a moment ago: then it is polled soon instead."""
    row = tx.row(_CLAIM, {"process": str(process), "lease": LEASE, "id": feed_id, "apart": PUSHES_APART})
    if row is None:
        poll_soon(tx, feed_id)
        return None
    return feed_from(row)


def poll_soon(tx: Transaction, feed_id: int) -> None:
    """Have the feed polled within a minute."""
    tx.execute(_SOON, (POLLED_WITHIN, feed_id))


def give_up_pushed(tx: Transaction, process: UUID, feed_id: int) -> None:
    """End the lease without a word about the feed, for what came was none, and poll it soon."""
    tx.execute(_RELEASE, (feed_id, str(process)))
    poll_soon(tx, feed_id)
