"""Listing the hubs of feeds."""

from __future__ import annotations

from collections.abc import Mapping

from shared.database.transaction import Transaction
from shared.feeds.hubs.feed_hub import HUB_COLUMNS, FeedHub, hub_from


def list_hubs(tx: Transaction) -> Mapping[int, FeedHub]:
    """By the numbers of their feeds."""
    return {hub.feed_id: hub for hub in map(hub_from, tx.rows(f"SELECT {HUB_COLUMNS} FROM feed_hub"))}
