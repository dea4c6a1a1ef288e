"""Feeds, administered while others do the same."""

from __future__ import annotations

import pytest

from shared.administration import feeds
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.testing.overtaken import overtaken_transaction


@pytest.mark.parametrize("behind", range(1, 4))
def test_all_feeds_are_asked_but_one_that_is_removed_meanwhile(
    transaction: Transaction, database_url: str, behind: int
) -> None:
    for room in ("rss.one", "rss.three", "rss.two"):
        feeds.add(transaction, f"https://{room}.example/", room)
    transaction.commit()
    store = BlockingDatabase(database_url, "tests")

    def remove() -> None:
        store.transact(feeds.remove, "rss.three")

    with overtaken_transaction(database_url, behind, remove, commit=False) as tx:
        assert [line.room for line in feeds.refresh(tx)] == ["rss.one", "rss.two"]
