"""Events of one turn become one message for each channel."""

from __future__ import annotations

from typing import Any

from twisted.internet.task import Clock

from shared.accounts.channel import ACCOUNTS, AccountChanged, DomainsChanged
from shared.events.channel import Channel
from shared.events.gathered_news import APART_SECONDS, GatheredNews
from shared.folders.channel import FOLDERS, FolderChanged


def test_each_channel_has_one_message_for_a_turn_and_the_next_one_waits() -> None:
    clock = Clock()
    published: list[tuple[Channel[Any], bytes]] = []
    news = GatheredNews(clock, lambda *message: published.append(message))
    for event in (FolderChanged(7, 12), AccountChanged(4), FolderChanged(8, 1), DomainsChanged(), FolderChanged(7, 13)):
        news.add(event)
    assert not published
    clock.advance(0)
    assert published == [(FOLDERS, b"7 13,8 1"), (ACCOUNTS, b"0,4")]
    news.add(FolderChanged(7, 14))
    clock.advance(APART_SECONDS / 2)
    assert len(published) == 2
    clock.advance(APART_SECONDS / 2)
    assert published[2:] == [(FOLDERS, b"7 14")]


def test_flushing_leaves_nothing_to_be_published_twice() -> None:
    clock = Clock()
    published: list[bytes] = []
    news = GatheredNews(clock, lambda _channel, message: published.append(message))
    news.add(FolderChanged(7, 12))
    news.flush()
    clock.advance(1)
    assert published == [b"7 12"]
