"""The directory of rooms follows the store, and asks it for nothing while nothing changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.task import Clock

from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.channel import FOLDERS
from shared.rooms.change_room import change_room
from shared.rooms.create_room import create_room
from shared.rooms.delete_room import delete_room
from shared.rooms.directory import Directory, Rooms
from shared.rooms.errors import RoomNotFound
from shared.rooms.moderators import add_moderator
from shared.rooms.reader import STRANGER
from shared.rooms.room import Posters
from shared.rooms.tests.build import an_open_room
from shared.runtime.spawn import spawn
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor
from shared.testing.until import until


async def knows(directory: Directory, condition: Callable[[Rooms], bool]) -> Rooms:
    """Wait until the condition holds of what is known, asking again and again as sessions do."""

    def holds() -> bool:
        spawn(directory.rooms(), "asking for rooms")
        return directory.known is not None and condition(directory.known)

    await until(holds)
    return await directory.rooms()


async def test_a_room_just_made_is_known(database: Database, bus: Bus) -> None:
    directory = Directory(database, bus)
    assert (await directory.rooms()).by_name == {}
    await database.transact(an_open_room, "a.b")
    await knows(directory, lambda rooms: "a.b" in rooms.by_name)
    directory.close()


async def test_changes_members_and_deletions_are_known(database: Database, bus: Bus) -> None:
    directory = Directory(database, bus)
    room = await database.transact(an_open_room, "a.b")
    hidden = await database.transact(create_room, "a.hidden")
    alice = await database.transact(a_member, "alice")
    await database.transact(add_moderator, room, alice)

    rooms = await knows(directory, lambda rooms: rooms.reader(alice).is_moderator_of(room.folder_id))
    assert rooms.named("a.b") == room == rooms.by_id[room.folder_id]
    assert rooms.readable_by(rooms.reader(None)) == [room]
    assert rooms.readable_by(rooms.reader(alice)) == [room, hidden]
    assert rooms.reader(None) is STRANGER

    await database.transact(change_room, room, {"posting": Posters.NOBODY})
    await knows(directory, lambda rooms: rooms.named("a.b").posting is Posters.NOBODY)

    await database.transact(delete_room, room)
    rooms = await knows(directory, lambda rooms: "a.b" not in rooms.by_name)
    with pytest.raises(RoomNotFound):
        rooms.named("a.b")
    directory.close()


async def quiet(directory: Directory, bus: Bus) -> Rooms:
    """Wait until the watch was told that it is heard, and the rooms were read after that."""
    await directory.rooms()
    told: list[int | None] = []
    later = bus.watch(FOLDERS, 1, told.append)  # is heard once the other is
    await until(lambda: None in told)
    later.stop()
    seen: list[Rooms] = []

    def is_quiet() -> bool:
        spawn(directory.rooms(), "asking for rooms")
        if directory.known is not None:
            seen.append(directory.known)
        return len(seen) > 20 and all(each is seen[-1] for each in seen[-10:])

    await until(is_quiet)
    return seen[-1]


async def test_rooms_are_read_once_while_nothing_changes(database: Database, bus: Bus) -> None:
    directory = Directory(database, bus)
    known = await quiet(directory, bus)
    assert await directory.rooms() is known
    directory.close()


async def test_a_room_just_made_is_found_by_its_name_without_news_of_it(database_url: str, bus: Bus) -> None:
    """As while Redis is away: this database announces to nobody. For names that do not exist it is asked once."""
    silent = Database(running_reactor(), database_url, name="test")
    directory = Directory(silent, bus)
    await quiet(directory, bus)
    silent.clock = Clock()  # whose time does not pass: it is asked once a second
    await silent.transact(an_open_room, "a.b")
    known = await directory.rooms("a.b")
    assert "a.b" in known.by_name
    for number in range(20):
        assert await directory.rooms(f"a.none{number}") is known
    directory.close()
    await silent.close()
