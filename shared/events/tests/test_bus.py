"""News over a real Redis that comes and goes."""

from __future__ import annotations

from twisted.internet.defer import Deferred

from shared.events.bus import Bus
from shared.events.events import FolderChanged


async def test_a_folder_is_announced(bus: Bus) -> None:
    told: Deferred[int | None] = Deferred()
    calls = []

    def call(p):
        calls.append(p)
        if p is not None:
            told.callback(p)

    bus.watch_folder(7, call)
    from twisted.internet import reactor
    from twisted.internet.task import deferLater

    while not bus.is_connected:
        await deferLater(reactor, 0.01)
    await bus.announce([FolderChanged(7, 12), FolderChanged(8, 2)])
    assert await told == 12
    assert await bus.redis.command("INCR", "x") == 1
    assert await bus.redis.command("GET", "x") == b"1"
    assert await bus.redis.command("SET", "x", 5) == "OK"
