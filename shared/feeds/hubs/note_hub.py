"""Noting the hub that a feed names, so that it is asked to push the feed; and finding it."""

from __future__ import annotations

import secrets

from shared.database.transaction import Transaction
from shared.feeds.errors import FeedNotFound
from shared.feeds.hubs.feed_hub import HUB_COLUMNS, FeedHub, hub_from
from shared.feeds.hubs.links import HubLinks

# In another row's place everything is new: what the hub before was told opens nothing any more.
_NOTE = """
    INSERT INTO feed_hub (feed_id, hub, topic, token, secret)
    VALUES (%(feed)s, %(hub)s, %(topic)s, %(token)s, %(secret)s)
    ON CONFLICT (feed_id) DO UPDATE
        SET hub = excluded.hub, topic = excluded.topic, token = excluded.token, secret = excluded.secret,
            asked_at = NULL, active_until = NULL, next_try_at = now(), failures = 0, error = ''
        WHERE (feed_hub.hub, feed_hub.topic) <> (excluded.hub, excluded.topic)
"""
_FIND = f"SELECT {HUB_COLUMNS} FROM feed_hub WHERE token = %s"


def note_hub(tx: Transaction, feed_id: int, links: HubLinks) -> None:
    """From now on the feed is pushed from this hub, once that has confirmed it; from none, if it names none."""
    if not links.hub:
        tx.execute("DELETE FROM feed_hub WHERE feed_id = %s", (feed_id,))
        return
    fresh = {"token": secrets.token_urlsafe(24), "secret": secrets.token_hex(32)}  # WebSub §5.1: 200 octets at most
    tx.execute(_NOTE, {"feed": feed_id, "hub": links.hub, "topic": links.topic, **fresh})


def find_hub(tx: Transaction, token: str) -> FeedHub:
    """The hub that was told this token. Raises FeedNotFound."""
    row = tx.row(_FIND, (token,))
    if row is None:
        raise FeedNotFound(token)
    return hub_from(row)
