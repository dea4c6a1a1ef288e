"""A list of rooms shows what is unread, and the newest article."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.flags import SEEN
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.reading.rooms_as_seen import rooms_as_seen
from shared.rooms.tests.build import a_post, a_reader, an_article, an_open_room, posted


def test_a_room_has_its_articles_what_is_unread_and_the_newest(transaction: Transaction) -> None:
    room, empty = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(room), a_post(room, octets=an_article("newest")))
    account_id = a_reader(transaction).account_id
    assert account_id is not None
    set_marks(transaction, account_id, room.folder_id, [1], "add", SEEN)

    seen = rooms_as_seen(transaction, account_id, [room.folder_id, empty.folder_id, 999])

    assert list(seen) == [room.folder_id, empty.folder_id]
    assert (seen[room.folder_id].articles, seen[room.folder_id].unread) == (2, 1)
    newest = seen[room.folder_id].newest
    assert newest is not None
    assert (newest.subject, newest.uid) == ("newest", 2)
    assert seen[empty.folder_id] == (0, 0, None, None)


def test_a_stranger_has_nothing_unread(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    posted(transaction, a_post(room))
    assert rooms_as_seen(transaction, None, [room.folder_id])[room.folder_id].unread == 0
    assert rooms_as_seen(transaction, None, []) == {}
