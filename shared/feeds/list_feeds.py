"""Finding feeds."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.feeds.errors import FeedNotFound
from shared.feeds.subscription import COLUMNS, FeedSubscription, feed_from

_ALL = f"SELECT room.name, {COLUMNS} FROM feed JOIN room USING (folder_id) ORDER BY room.name, feed.id"
_ONE = f"SELECT {COLUMNS} FROM feed WHERE id = %s"


def list_feeds(tx: Transaction) -> Sequence[tuple[str, FeedSubscription]]:
    """All feeds with the names of their rooms, in the order of these."""
    return [(name, feed_from(row)) for name, *row in tx.rows(_ALL)]


def find_feed(tx: Transaction, feed_id: int) -> FeedSubscription:
    """Raises FeedNotFound."""
    row = tx.row(_ONE, (feed_id,))
    if row is None:
        raise FeedNotFound(str(feed_id))
    return feed_from(row)
