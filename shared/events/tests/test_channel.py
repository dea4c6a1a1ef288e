"""A new kind of news is one file: this one declares pages, and the bus carries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

import shared.events.redis
from shared.events.bus import Bus
from shared.events.channel import Channel
from shared.events.redis import RedisConnection
from shared.folders.channel import FOLDERS, FolderChanged
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.until import until


def _write(events: Iterable[PageChanged]) -> bytes:
    return b";".join(b"%d:%d" % (event.page_id, event.revision) for event in events)


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    for item in message.split(b";"):
        page_id, _, revision = item.partition(b":")
        yield int(page_id), int(revision)


PAGES: Channel[PageChanged] = Channel("pages", _write, _read)


@dataclass(frozen=True, slots=True)
class PageChanged:
    channel: ClassVar[Channel[Any]] = PAGES

    page_id: int
    revision: int


MakeBus = Callable[[], Bus]


@pytest.fixture
def make_bus(redis_url: str) -> Iterator[MakeBus]:
    made: list[Bus] = []

    def make() -> Bus:
        made.append(Bus(running_reactor(), redis_url))
        return made[-1]

    yield make
    for bus in made:
        wait_for(bus.close)


async def test_a_new_kind_of_event_reaches_those_who_watch_its_key(make_bus: MakeBus) -> None:
    here, there = make_bus(), make_bus()
    told: list[int | None] = []
    others: list[int | None] = []
    there.watch(PAGES, 7, told.append)
    there.watch(PAGES, 8, others.append)
    there.watch(FOLDERS, 7, others.append)
    await until(lambda: here.is_connected and None in told and others.count(None) >= 2)
    here.announce([PageChanged(7, 3), FolderChanged(8, 3), PageChanged(7, 4)])
    await until(lambda: 4 in told)
    assert [position for position in told if position is not None] == [3, 4]
    assert set(others) == {None}


async def test_names_and_octets_on_redis_are_those_of_other_releases(make_bus: MakeBus, redis_url: str) -> None:
    heard: list[tuple[str, bytes]] = []
    names = ["agora:0:folders", "agora:0:pages"]
    listener = RedisConnection(
        running_reactor(), redis_url, channels=names, receive=lambda *message: heard.append(message)
    )
    here = make_bus()
    await until(lambda: here.is_connected and listener.is_connected)
    here.announce([FolderChanged(7, 12), PageChanged(1, 2), FolderChanged(8, 1)])
    await until(lambda: len(heard) == 2)
    assert heard == [("agora:0:folders", b"7 12,8 1"), ("agora:0:pages", b"1:2")]
    await listener.close()


async def test_what_is_watched_while_the_connection_is_being_made_is_heard(
    make_bus: MakeBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = make_bus(), make_bus()
    told: list[int | None] = []
    execute = shared.events.redis._Protocol.execute_command

    def execute_and_watch(self: Any, *words: Any, **options: Any) -> Any:
        if words[0] == "SUBSCRIBE" and not there.is_connected and not told:
            told.append(0)
            there.watch(PAGES, 7, told.append)
        return execute(self, *words, **options)

    there.watch(FOLDERS, 1, lambda _position: None)  # something to subscribe to before
    monkeypatch.setattr(shared.events.redis._Protocol, "execute_command", execute_and_watch)
    await until(lambda: here.is_connected and there.is_connected and None in told)
    here.announce([PageChanged(7, 4)])
    await until(lambda: 4 in told)
