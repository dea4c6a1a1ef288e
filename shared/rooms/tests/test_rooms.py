"""Rooms are made, changed and deleted; their addresses, moderators and water marks."""

from __future__ import annotations

import pytest

from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.find_folders import find_folder
from shared.mail.domains import ensure_domain
from shared.mail.errors import DomainNotLocal
from shared.rooms.addresses import add_room_address, delete_room_address, list_room_addresses
from shared.rooms.change_room import change_room
from shared.rooms.channel import RoomsChanged
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import ModeratorNotFound, RoomAddressNotFound, RoomAddressTaken, RoomExists, RoomNotFound
from shared.rooms.find_room import find_reader, find_room
from shared.rooms.list_rooms import list_moderating, list_rooms
from shared.rooms.moderators import add_moderator, delete_moderator, list_moderators
from shared.rooms.reading.water import water_of, waters_of
from shared.rooms.room import Posters, Readers, Water
from shared.rooms.tests.build import a_reader, an_open_room
from shared.testing.builders import a_member


def test_a_room_is_a_folder_of_nobody_with_numbers_from_1(transaction: Transaction) -> None:
    room = an_open_room(transaction, "Local.Knitting", description=" wool\tand\r\nneedles ")

    assert (room.name, room.description) == ("local.knitting", "wool and needles")
    assert find_folder(transaction, None, "Rooms/local.knitting").id == room.folder_id
    assert not find_folder(transaction, None, "Rooms").selectable
    assert water_of(transaction, room.folder_id) == Water(1, 0, 0)
    assert waters_of(transaction, [room.folder_id, 999]) == {room.folder_id: Water(1, 0, 0)}
    assert RoomsChanged() in transaction.commit()
    with pytest.raises(RoomExists):
        an_open_room(transaction, "local.knitting")


def test_rooms_are_listed_by_name_and_found_in_any_case(transaction: Transaction) -> None:
    names = ["b.c", "a-b", "a.b", "a"]
    for name in names:
        an_open_room(transaction, name)
    assert [room.name for room in list_rooms(transaction)] == sorted(names)
    assert find_room(transaction, "A.B").name == "a.b"
    with pytest.raises(RoomNotFound):
        find_room(transaction, "a.c")


def test_a_policy_is_changed_field_by_field(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    transaction.commit()
    changed = change_room(transaction, room, {"posting": Posters.NOBODY, "keep_days": 30})
    assert transaction.commit() == [RoomsChanged()]
    assert (changed.reading, changed.posting, changed.keep_days) == (Readers.EVERYONE, Posters.NOBODY, 30)
    assert find_room(transaction, room.name) == changed


def test_a_room_goes_with_its_folder_moderators_and_addresses(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    room = an_open_room(transaction, "agora.general")
    add_moderator(transaction, room, a_member(transaction))
    transaction.commit()

    delete_room(transaction, room)

    assert {type(event) for event in transaction.commit()} >= {RoomsChanged, FolderChanged}
    assert list_rooms(transaction) == []
    assert list_moderating(transaction) == {}
    assert transaction.value("SELECT count(*) FROM room_address") == 0
    again = an_open_room(transaction, "agora.general")
    assert again.folder_id != room.folder_id


def test_a_room_has_its_name_and_its_last_part_as_addresses(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    ensure_domain(transaction, "example.com")
    a_member(transaction, "general")  # general@example.org is taken
    room = an_open_room(transaction, "agora.general")
    assert list_room_addresses(transaction, room) == [
        "agora.general@example.com", "agora.general@example.org", "general@example.com",
    ]  # fmt: skip


def test_the_addresses_of_postmaster_and_abuse_are_no_rooms(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    room = an_open_room(transaction, "agora.abuse")
    assert list_room_addresses(transaction, room) == ["agora.abuse@example.org"]
    with pytest.raises(RoomAddressTaken):
        add_room_address(transaction, room, "postmaster@example.org")


def test_addresses_are_added_and_deleted(transaction: Transaction) -> None:
    ensure_domain(transaction, "example.org")
    room, other = an_open_room(transaction, "agora.general"), an_open_room(transaction, "agora.wool")
    add_room_address(transaction, room, "Talk@Example.org")
    assert "talk@example.org" in list_room_addresses(transaction, room)
    for taken in ("talk@example.org", "agora.wool@example.org"):
        with pytest.raises(RoomAddressTaken):
            add_room_address(transaction, room, taken)
    with pytest.raises(DomainNotLocal):
        add_room_address(transaction, room, "talk@example.net")
    with pytest.raises(RoomAddressNotFound):
        delete_room_address(transaction, other, "talk@example.org")
    delete_room_address(transaction, room, "talk@example.org")
    assert "talk@example.org" not in list_room_addresses(transaction, room)


def test_moderators_of_a_room_moderate_it_and_no_other(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    alice = a_member(transaction, "alice")
    add_moderator(transaction, room, alice)
    add_moderator(transaction, room, alice)

    assert list_moderators(transaction, room) == [alice]
    reader = find_reader(transaction, alice)
    assert reader.is_moderator_of(room.folder_id)
    assert not reader.is_moderator_of(other.folder_id)
    delete_moderator(transaction, room, alice)
    assert not find_reader(transaction, alice).moderates
    with pytest.raises(ModeratorNotFound):
        delete_moderator(transaction, room, alice)


def test_admins_moderate_every_room(transaction: Transaction) -> None:
    from shared.accounts.account import Role

    room = an_open_room(transaction)
    assert a_reader(transaction, role=Role.ADMIN).is_moderator_of(room.folder_id)
