"""GROUP of a room that feeds fill."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.task import Clock

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.doors import LIMITS
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.nntp.tests.conftest import News
from services.news_gateway.nntp.tests.reader import reading
from shared.conversation.factory import ConversationFactory
from shared.feeds.add_feed import add_feed
from shared.feeds.overdue import WAIT, OverdueFeeds
from shared.testing.eventually import eventually
from shared.testing.reactor import call_in_reactor, running_reactor
from shared.testing.serving import serving


@pytest.mark.parametrize("command", [b"GROUP rss.beans", b"LISTGROUP rss.beans"])
def test_a_group_whose_feed_is_overdue_opens_after_a_moment(empty: News, command: bytes) -> None:
    """Nobody asks feeds here, as if the server of this one hung."""
    room = empty.make("rss.beans", fed=True)
    add_feed(empty.transaction, room, "https://feed.example/")
    empty.transaction.commit()
    clock = Clock()
    overdue = OverdueFeeds(empty.parts.database, empty.parts.bus, clock)
    parts = replace(empty.parts, overdue=overdue)
    factory = ConversationFactory(
        lambda: NntpSession(parts, COMMANDS), name="nntp", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as port, reading(replace(empty, port=port)) as reader:
        reader.socket.sendall(command + b"\r\n")
        eventually(clock.getDelayedCalls, "the feed is waited for")
        call_in_reactor(clock.advance, WAIT.total_seconds() - 0.1)
        assert len(clock.getDelayedCalls()) == 1
        call_in_reactor(clock.advance, 0.1)
        assert reader.file.readline().startswith(b"211 0 1 0 rss.beans")
