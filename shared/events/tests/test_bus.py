"""News over a real Redis that comes and goes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from zope.interface import implementer

import shared.events.redis
from shared.access.channel import ACCESS, AccessChanged
from shared.accounts.channel import ACCOUNTS, NO_ACCOUNT, AccountChanged, DomainsChanged
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.embedded import EmbeddedRedis
from shared.events.redis import RedisAway
from shared.folders.channel import FOLDERS, FolderChanged
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.until import until

QUICK = timedelta(seconds=0.2)


class Told:
    """What a watch was called with, to be waited for."""

    def __init__(self) -> None:
        self.all: list[int | None] = []
        self._waiting: list[tuple[Callable[[], bool], Deferred[None]]] = []

    def __call__(self, position: int | None) -> None:
        self.all.append(position)
        for waiting in list(self._waiting):
            if waiting[0]():
                self._waiting.remove(waiting)
                waiting[1].callback(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        if not condition():
            fulfilled: Deferred[None] = Deferred()
            self._waiting.append((condition, fulfilled))
            await fulfilled

    async def of(self, position: int) -> None:
        await self.until(lambda: position in self.all)

    async def that_some_may_be_missed(self) -> None:
        """From now on."""
        before = len(self.all)
        await self.until(lambda: None in self.all[before:])


@pytest.fixture
def make_bus() -> Iterator[Callable[[str], Bus]]:
    made: list[Bus] = []

    def make(url: str, poll_interval: timedelta = QUICK) -> Bus:
        made.append(Bus(running_reactor(), url, poll_interval))
        return made[-1]

    yield make
    for bus in made:
        wait_for(bus.close)


async def test_news_reach_other_processes(redis_url: str, make_bus: Callable[[str], Bus]) -> None:
    here, there = make_bus(redis_url), make_bus(redis_url)
    await until(lambda: here.is_connected and there.is_connected)
    folder, other_folder, accounts = Told(), Told(), Told()
    there.watch(FOLDERS, 7, folder)
    there.watch(FOLDERS, 8, other_folder)
    there.watch(ACCOUNTS, EVERYTHING, accounts)
    for told in (other_folder, accounts):
        await told.that_some_may_be_missed()  # their channels are heard from now on
    here.announce([FolderChanged(7, 12), AccountChanged(3), AccountChanged(4)])
    await folder.of(12)
    await accounts.of(3)
    await accounts.of(4)
    here.announce([DomainsChanged()])
    await accounts.of(NO_ACCOUNT)
    here.announce([FolderChanged(8, 1)])
    await other_folder.of(1)
    assert [position for position in folder.all if position is not None] == [12]
    assert here.health() is None


async def test_who_watches_the_proxys_rules_hears_of_them(redis_url: str, make_bus: Callable[[str], Bus]) -> None:
    here, there = make_bus(redis_url), make_bus(redis_url)
    await until(lambda: here.is_connected and there.is_connected)
    access, folder = Told(), Told()
    there.watch(FOLDERS, 0, folder)
    there.watch(ACCESS, EVERYTHING, access)
    await access.that_some_may_be_missed()  # the channel is heard from now on
    here.announce([AccessChanged(4), FolderChanged(0, 9)])
    await access.of(4)
    await folder.of(9)
    assert 9 not in access.all
    assert 4 not in folder.all
    await there.redis.command("PUBLISH", "agora:0:access", "of another release")
    here.announce([AccessChanged(5)])
    await access.of(5)


@pytest.mark.parametrize("watched", ["a folder", "accounts"])
async def test_what_could_not_be_told_is_made_up_for(
    redis_url: str, make_bus: Callable[[str], Bus], monkeypatch: pytest.MonkeyPatch, watched: str
) -> None:
    teller, listener = make_bus(redis_url), make_bus(redis_url)
    await until(lambda: teller.is_connected and listener.is_connected)
    told: list[int | None] = []
    if watched == "a folder":
        listener.watch(FOLDERS, 7, told.append)
    else:
        listener.watch(ACCOUNTS, EVERYTHING, told.append)
    await until(lambda: bool(told))  # that its channel is heard from now on
    connect, may_connect = teller.redis._connect, Deferred[None]()

    async def connect_later() -> Any:  # as after a back-off: the listener is back before
        await may_connect
        return await connect()

    monkeypatch.setattr(teller.redis, "_connect", connect_later)
    number = await teller.redis.command("CLIENT", "ID")
    await listener.redis.command("CLIENT", "KILL", "ID", number)
    await until(lambda: not teller.redis.is_connected)
    told.clear()
    teller.announce([FolderChanged(7, 42) if watched == "a folder" else AccountChanged(42)])
    await deferLater(running_reactor(), 0)  # the turn in which it would be told
    may_connect.callback(None)
    await until(lambda: bool(told))  # not the position, which is forgotten, but that there is one


async def test_a_watch_that_was_stopped_is_not_called(bus: Bus) -> None:
    await until(lambda: bus.is_connected)
    stopped, other = Told(), Told()
    watch = bus.watch(FOLDERS, 7, stopped)
    bus.watch(FOLDERS, 7, other)
    await other.that_some_may_be_missed()  # the channel is heard from now on
    watch.stop()
    watch.stop()
    bus.announce([FolderChanged(7, 12)])
    await other.of(12)
    assert 12 not in stopped.all


async def test_a_watch_that_fails_keeps_nobody_else_from_the_news(bus: Bus) -> None:
    def fail(position: int | None) -> None:
        raise LookupError

    await until(lambda: bus.is_connected)
    told = Told()
    bus.watch(FOLDERS, 7, fail)
    bus.watch(FOLDERS, 7, told)
    await told.that_some_may_be_missed()  # the channel is heard from now on
    bus.announce([FolderChanged(7, 12)])
    await told.of(12)


async def test_stacks_with_different_database_numbers_do_not_hear_each_other(
    redis_url: str, make_bus: Callable[[str], Bus]
) -> None:
    here, there = make_bus(redis_url), make_bus(redis_url.replace("?", "") + "?database=1")
    await until(lambda: here.is_connected and there.is_connected)
    wrong, right = Told(), Told()
    there.watch(FOLDERS, 7, wrong)
    here.watch(FOLDERS, 7, right)
    await until(lambda: None in wrong.all and None in right.all)  # the channel is heard from now on
    here.announce([FolderChanged(7, 12)])
    await right.of(12)
    await there.redis.command("PING")
    assert 12 not in wrong.all


async def test_commands(bus: Bus) -> None:
    await until(lambda: bus.is_connected)
    assert await bus.redis.command("INCRBY", "number", 41) == 41
    assert await bus.redis.command("GET", "number") == b"41"
    assert await bus.redis.command("GET", "nothing") is None
    assert await bus.redis.command("SET", b"any", bytes(range(256))) == "OK"
    assert await bus.redis.command("MGET", "a", "b", "number", "c", "any") == [
        None,
        None,
        b"41",
        None,
        bytes(range(256)),
    ]
    with pytest.raises(shared.events.redis.ResponseError):
        await bus.redis.command("INCR", "any")


async def test_without_redis_everything_goes_on_and_watches_look_by_themselves(
    redis_server: EmbeddedRedis, make_bus: Callable[[str], Bus]
) -> None:
    bus = make_bus(redis_server.url.replace("redis.sock", "nowhere.sock"))
    told = Told()
    bus.watch(FOLDERS, 7, told)
    await told.that_some_may_be_missed()
    await told.that_some_may_be_missed()
    bus.announce([FolderChanged(7, 12)])
    with pytest.raises(RedisAway):
        await bus.redis.command("PING")
    assert bus.health()
    assert not bus.is_connected


def test_killed_and_started_again(redis_server: EmbeddedRedis, redis_url: str, make_bus: Callable[[str], Bus]) -> None:
    """Watches look every interval meanwhile, and are told of news from the return on."""
    told = Told()
    logged: list[str] = []

    @implementer(ILogObserver)  # type: ignore[untyped-decorator]
    def observe(event: LogEvent) -> None:
        if "Redis" in str(event.get("log_format")):
            logged.append(str(event["log_format"]).partition(":")[0].partition(" after")[0])

    async def before() -> Bus:
        bus = make_bus(redis_url)
        bus.watch(FOLDERS, 7, told)
        await told.until(lambda: None in told.all)  # once, when the connection is made
        return bus

    async def without(bus: Bus) -> None:
        await until(lambda: not bus.is_connected)
        for _ in range(3):
            await told.that_some_may_be_missed()
            bus.announce([FolderChanged(7, 1)])

    async def after(bus: Bus) -> None:
        await until(lambda: bus.is_connected)
        bus.announce([FolderChanged(7, 2)])
        await told.of(2)

    globalLogPublisher.addObserver(observe)
    try:
        bus = wait_for(before)
        assert redis_server.pid is not None
        os.kill(redis_server.pid, signal.SIGKILL)
        wait_for(lambda: without(bus))
        redis_server.start()
        wait_for(lambda: after(bus))
    finally:
        globalLogPublisher.removeObserver(observe)
        redis_server.start()
    assert 1 not in told.all
    assert logged == ["Redis is away, news are slow", "Redis is back"]


async def test_one_that_hangs_is_hung_up_on(
    redis_server: EmbeddedRedis, redis_url: str, make_bus: Callable[[str], Bus], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared.events.redis, "REPLY_SECONDS", 0.2)
    bus = make_bus(redis_url)
    told = Told()
    bus.watch(FOLDERS, 7, told)
    await until(lambda: bus.is_connected)
    pid = redis_server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(RedisAway):
            await bus.redis.command("PING")
        await until(lambda: not bus.is_connected)
        await told.that_some_may_be_missed()
    finally:
        os.kill(pid, signal.SIGCONT)
    await until(lambda: bus.is_connected)
    while 3 not in told.all:  # a machine that stalls for 0.2 s has it hung up on once more
        bus.announce([FolderChanged(7, 3)])
        await deferLater(running_reactor(), 0.05)
