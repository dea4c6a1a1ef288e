"""Changing how a feed is polled, polling it soon, and unsubscribing from it."""

from __future__ import annotations

from datetime import timedelta

from shared.database.transaction import Transaction
from shared.feeds.add_feed import feed_address
from shared.feeds.errors import FeedExists, FeedNotFound
from shared.feeds.schedule import LEAST_INTERVAL
from shared.feeds.subscription import COLUMNS, FeedSubscription, feed_from

_CHANGE = f"""
    UPDATE feed SET every = coalesce(%(every)s, every), url = coalesce(%(url)s, url),
                    etag = CASE WHEN %(url)s IS NULL THEN etag ELSE '' END,
                    last_modified = CASE WHEN %(url)s IS NULL THEN last_modified ELSE '' END,
                    stopped = false, next_try_at = CASE WHEN %(url)s IS NULL THEN next_try_at ELSE now() END
    WHERE id = %(id)s AND NOT EXISTS (
        SELECT FROM feed AS other WHERE other.folder_id = feed.folder_id AND other.url = %(url)s AND other.id <> feed.id
    ) RETURNING {COLUMNS}
"""


def change_feed(
    tx: Transaction, feed: FeedSubscription, *, every: timedelta | None = None, url: str | None = None
) -> FeedSubscription:
    """Set another interval or address; a stopped feed is polled again.

    Raises BadFeedAddress, FeedExists, FeedNotFound.
    """
    address = None if url is None else feed_address(url)
    interval = None if every is None else max(every, LEAST_INTERVAL)
    row = tx.row(_CHANGE, {"id": feed.id, "every": interval, "url": address})
    if row is not None:
        return feed_from(row)
    if tx.value("SELECT true FROM feed WHERE id = %s", (feed.id,)):
        raise FeedExists(url)
    raise FeedNotFound(str(feed.id))


def ask_soon(tx: Transaction, feed_id: int) -> None:
    """Have the feed polled soon, by any process, whatever its interval. Raises FeedNotFound."""
    if not tx.execute("UPDATE feed SET next_try_at = now(), stopped = false WHERE id = %s", (feed_id,)):
        raise FeedNotFound(str(feed_id))


def remove_feed(tx: Transaction, feed_id: int) -> None:
    """Remove the feed; its articles stay. Raises FeedNotFound."""
    if not tx.execute("DELETE FROM feed WHERE id = %s", (feed_id,)):
        raise FeedNotFound(str(feed_id))
