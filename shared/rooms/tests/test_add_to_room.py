"""An article of another room is put into one more."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.channel import FolderChanged
from shared.folders.open_folder import open_folder
from shared.rooms.posts.add_to_room import add_to_room
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Readers, Water
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted


def test_it_has_the_next_number_there_and_the_same_message(transaction: Transaction) -> None:
    first, second = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(second))
    (result,) = posted(transaction, a_post(first, octets=an_article(identifier="<1@x>")))
    transaction.commit()

    place = add_to_room(transaction, second, b"<1@x>", "nntp")

    assert place is not None
    assert (place.folder_id, place.uid) == (second.folder_id, 2)
    assert list(open_folder(transaction, second.folder_id).message_ids)[-1] == result.message_id
    found = {each.folder_id: each for each in articles.by_identifier(transaction, b"<1@x>")}
    assert found[second.folder_id].uid == 2
    assert found[second.folder_id].xref == b"news.example.org a.b:1 a.c:2"
    folder = open_folder(transaction, second.folder_id).folder
    assert (folder.messages, folder.unseen, folder.uidnext) == (2, 2, 3)
    assert transaction.commit() == [FolderChanged(second.folder_id, folder.highest_modseq)]
    (later,) = posted(transaction, a_post(second))
    assert later.places[0].uid == 3


def test_it_is_there_once(transaction: Transaction) -> None:
    first, second = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(first, octets=an_article(identifier="<1@x>")))
    assert add_to_room(transaction, second, b"<1@x>", "nntp") is not None
    assert add_to_room(transaction, second, b"<1@x>", "nntp") is None
    assert add_to_room(transaction, first, b"<1@x>", "nntp") is None
    assert water_of(transaction, second.folder_id) == Water(1, 1, 1)


def test_what_never_came_is_nowhere(transaction: Transaction) -> None:
    assert add_to_room(transaction, an_open_room(transaction), b"<none@x>", "nntp") is None


def test_what_came_by_another_door_is_left_where_it_is(transaction: Transaction) -> None:
    first, second = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(first, octets=an_article(identifier="<1@x>")))
    assert add_to_room(transaction, second, b"<1@x>", "feed") is None
    assert water_of(transaction, second.folder_id) == Water(1, 0, 0)


def test_xref_of_an_open_room_names_no_room_for_members(transaction: Transaction) -> None:
    members = [an_open_room(transaction, name, reading=Readers.MEMBERS) for name in ("m.a", "m.b")]
    opened = [an_open_room(transaction, name) for name in ("o.a", "o.b")]
    posted(transaction, a_post(members[0], octets=an_article(identifier="<1@x>")))
    for room in (opened[0], members[1], opened[1]):
        assert add_to_room(transaction, room, b"<1@x>", "nntp") is not None
    found = {each.folder_id: each.xref for each in articles.by_identifier(transaction, b"<1@x>")}
    assert found[opened[0].folder_id] == b"news.example.org o.a:1"
    assert found[opened[1].folder_id] == b"news.example.org o.a:1 o.b:1"
    assert found[members[1].folder_id] == b"news.example.org m.a:1 m.b:1"
