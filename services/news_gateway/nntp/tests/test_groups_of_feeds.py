"""GROUP of a room that feeds fill."""

from __future__ import annotations

import time

import pytest

from services.news_gateway.nntp.tests.conftest import News
from shared.feeds.add_feed import add_feed
from shared.feeds.overdue import WAIT
from shared.testing.player import play
from shared.testing.transcript import parse


@pytest.mark.parametrize("command", ["GROUP rss.beans", "LISTGROUP rss.beans"])
def test_a_group_whose_feed_is_overdue_opens_after_a_moment(empty: News, command: str) -> None:
    """Nobody asks feeds here, as if the server of this one hung."""
    room = empty.make("rss.beans", fed=True)
    add_feed(empty.transaction, room, "https://feed.example/")
    empty.transaction.commit()
    begun = time.monotonic()
    play(parse(f"S~ 200 *\nC: {command}\nS~ 211 0 1 0 rss.beans*\n"), "127.0.0.1", empty.port)
    waited = time.monotonic() - begun
    assert WAIT.total_seconds() <= waited < WAIT.total_seconds() + 5
