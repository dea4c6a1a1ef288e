"""Rooms as mbox files over SFTP."""

from __future__ import annotations

import asyncssh
import pytest

from services.ssh_admin.sftp import room_indexes
from services.ssh_admin.tests.conftest import SshDoor
from services.ssh_admin.tests.test_sftp import files, read
from shared.accounts.account import Role
from shared.messages.mboxrd import as_mboxrd
from shared.rooms.find_room import find_room
from shared.rooms.reading.mbox import PIECE_OCTETS
from shared.rooms.room import Readers
from shared.rooms.tests.build import NOW, a_post, an_open_room, posted
from shared.rooms.tests.build import an_article as an_undated_article

BODIES = ("Blue.\r\n", "From here\r\n>From there\r\n", "no end", "")


def an_article(subject: str = "wool", **given: str) -> bytes:
    return an_undated_article(subject, **given, Date="Sun, 01 Mar 2026 12:30:15 +0000")


def in_room(door: SshDoor, *articles: bytes, name: str = "local.knitting") -> None:
    room = find_room(door.transaction, name)
    posted(door.transaction, *(a_post(room, octets=each) for each in articles))
    door.transaction.commit()


def test_a_room_is_one_file_with_its_very_size_which_goes_on_with_new_articles(door: SshDoor) -> None:
    an_open_room(door.transaction)
    articles = [an_article(body=body) for body in BODIES]
    in_room(door, *articles[:2])

    async def work(client: asyncssh.SFTPClient) -> list[bytes]:
        assert sorted(await client.listdir("/rooms")) == ["local.knitting.mbox"]
        found = []
        for more in (articles[2:], []):
            octets = await read(client, "/rooms/local.knitting.mbox")
            for attributes in (
                await client.stat("/rooms/local.knitting.mbox"),
                (await client.readdir("/rooms"))[0].attrs,
            ):
                assert attributes.size == len(octets)
            found.append(octets)
            if more:
                in_room(door, *more)
                listed = (await client.readdir("/rooms"))[0].attrs.size
                assert listed is not None
                assert listed > len(octets)  # not read yet: the most that it can be
        return found

    first, second = files(door, work)
    assert first == b"".join(as_mboxrd(each, NOW) for each in articles[:2])
    assert second == b"".join(as_mboxrd(each, NOW) for each in articles)


@pytest.mark.parametrize("more", [0, 1, 4096])
def test_a_long_article_is_read_in_pieces_and_from_any_place(door: SshDoor, more: int) -> None:
    an_open_room(door.transaction)
    line = b"From the beginning, a line of some length\r\n"
    body = line * ((2 * PIECE_OCTETS + more) // len(line))
    articles = [an_article(), an_article(body=body.decode() + "x" * more), an_article()]
    in_room(door, *articles)
    expected = b"".join(as_mboxrd(each, NOW) for each in articles)

    async def work(client: asyncssh.SFTPClient) -> None:
        async with client.open("/rooms/local.knitting.mbox", "rb") as file:
            for offset in (len(expected) - 400, PIECE_OCTETS + 5000, 0, len(expected) // 2, PIECE_OCTETS * 2, 7):
                assert await file.read(1000, offset) == expected[offset : offset + 1000]  # type: ignore[comparison-overlap]
        assert await read(client, "/rooms/local.knitting.mbox") == expected

    files(door, work)


def test_rooms_of_members_are_not_there_for_a_guest(door: SshDoor) -> None:
    an_open_room(door.transaction)
    an_open_room(door.transaction, "agora.staff", reading=Readers.MEMBERS)
    door.transaction.execute("UPDATE account SET role = %s WHERE name = 'alice'", (Role.GUEST.value,))
    door.transaction.commit()

    async def work(client: asyncssh.SFTPClient) -> list[str]:
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.stat("/rooms/agora.staff.mbox")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.listdir("/pages")
        return [str(name) for name in await client.listdir("/rooms")]

    assert files(door, work) == ["local.knitting.mbox"]


def test_a_file_that_an_article_has_left_says_so(door: SshDoor) -> None:
    room = an_open_room(door.transaction)
    in_room(door, an_article(), an_article())

    async def work(client: asyncssh.SFTPClient) -> None:
        async with client.open("/rooms/local.knitting.mbox", "rb") as file:
            door.transaction.execute("DELETE FROM body WHERE message_id = (SELECT max(message_id) FROM body)")
            door.transaction.commit()
            with pytest.raises(asyncssh.SFTPFailure, match="an article has gone"):
                await file.read(10, 0)

    files(door, work)
    assert room.name == "local.knitting"


def test_a_room_of_more_articles_has_the_newest_ones(door: SshDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_indexes, "MOST_ARTICLES", 2)
    an_open_room(door.transaction)
    articles = [an_article(f"number {number}") for number in range(3)]
    in_room(door, *articles)
    octets = files(door, lambda client: read(client, "/rooms/local.knitting.mbox"))
    assert octets == b"".join(as_mboxrd(each, NOW) for each in articles[1:])
