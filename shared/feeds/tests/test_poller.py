"""The poller: feeds are asked when their time comes, and at once where somebody waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from shared.database.database import Database
from shared.events.bus import Bus
from shared.feeds.add_feed import add_feed
from shared.feeds.list_feeds import find_feed
from shared.feeds.overdue import WAIT, OverdueFeeds
from shared.feeds.poller import Poller
from shared.feeds.tests.feed_server import PROCESS, Served, a_feed_server, a_refresher, a_subscription
from shared.rooms.create_room import create_room
from shared.rooms.reading.water import water_of
from shared.rooms.room import Readers, Room
from shared.testing.reactor import running_reactor
from shared.testing.until import until

BODY = b"<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>One</title></item></channel></rss>"


@pytest.fixture
def server() -> Iterator[tuple[Served, str]]:
    with a_feed_server() as served:
        yield served


@asynccontextmanager
async def polling(database: Database, bus: Bus) -> AsyncIterator[Poller]:
    poller = Poller(database, bus, a_refresher(database, bus), PROCESS, running_reactor())
    try:
        yield poller
    finally:
        await poller.close()


async def count(database: Database, room: Room) -> int:
    return (await database.read(water_of, room.folder_id)).count


async def has(database: Database, room: Room, articles: int) -> None:
    """Return when the room has so many."""
    while await count(database, room) != articles:
        await deferLater(running_reactor(), 0.02)


async def test_a_feed_is_asked_when_its_time_comes(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = BODY
    room, feed = await a_subscription(database, url)
    async with polling(database, bus):
        await has(database, room, 1)
    assert (await database.read(find_feed, feed.id)).answered_at is not None
    assert len(served.asked) == 1


async def test_opening_a_room_brings_its_overdue_feeds_at_once(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    served, url = server
    served.body = BODY
    clock = Clock()  # whose time does not pass
    overdue = OverdueFeeds(database, bus, clock)
    async with polling(database, bus):
        room = await database.transact(create_room, "rss.beans", reading=Readers.EVERYONE, fed=True)
        await database.transact(add_feed, room, url)
        await overdue.wait_for(room)
        assert await count(database, room) == 1
        assert not clock.getDelayedCalls()
        await overdue.wait_for(room)  # nothing is overdue now
    assert len(served.asked) == 1


async def test_a_room_whose_server_hangs_opens_after_a_moment_and_the_next_time_at_once(
    database: Database, bus: Bus, server: tuple[Served, str]
) -> None:
    _, url = server
    room, _ = await a_subscription(database, url)
    clock = Clock()
    overdue = OverdueFeeds(database, bus, clock)  # and nobody polls
    waiting = Deferred.fromCoroutine(overdue.wait_for(room))
    await until(lambda: bool(clock.getDelayedCalls()))
    clock.advance(WAIT.total_seconds() - 0.1)
    assert not waiting.called
    clock.advance(0.1)
    await waiting
    await overdue.wait_for(room)
    assert clock.seconds() == WAIT.total_seconds()


async def test_a_room_without_feeds_opens_at_once(database: Database, bus: Bus) -> None:
    room = await database.transact(create_room, "local.knitting")
    waiting = Deferred.fromCoroutine(OverdueFeeds(database, bus, running_reactor()).wait_for(room))
    assert waiting.called


async def test_two_pollers_ask_a_feed_once(database: Database, bus: Bus, server: tuple[Served, str]) -> None:
    served, url = server
    served.body = BODY
    rooms = [(await a_subscription(database, f"{url}?{number}", f"rss.room-{number}"))[0] for number in range(5)]
    process = uuid4()
    other = Poller(database, bus, a_refresher(database, bus, process=process), process, running_reactor())
    async with polling(database, bus):
        for room in rooms:
            await has(database, room, 1)
    await other.close()
    assert len(served.asked) == 5
