"""Old articles expire, and what was kept for a while only is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.changes import changes_since
from shared.folders.purge import purge
from shared.rooms.cancels.cancel import cancel_everywhere
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.errors import ArticleNotFound
from shared.rooms.expire import expire
from shared.rooms.moderation.reject import reject
from shared.rooms.posts.hold import hold_post
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, posted
from shared.rooms.tidy import forget_decided, tidy_rooms


def age(tx: Transaction, days: int) -> None:
    """As if all that came had come so many days earlier."""
    for table in ("article", "identifier", "held"):
        tx.execute(f"UPDATE {table} SET came_at = came_at - interval '1 day' * %s", (days,))
    tx.execute("UPDATE article SET cancelled_at = cancelled_at - interval '1 day' * %s", (days,))
    tx.execute("UPDATE vanished SET vanished_at = vanished_at - interval '1 day' * %s", (days,))
    tx.execute("UPDATE held SET decided_at = decided_at - interval '1 day' * %s", (days,))


def test_what_is_older_than_the_room_keeps_it_goes_and_numbers_go_on(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b", keep_days=10), an_open_room(transaction, "a.c")
    crosspost = a_post(room, other, octets=an_article(identifier="<1@x>"))
    posted(transaction, crosspost, a_post(room), a_post(room))
    cancel_everywhere(transaction, articles.by_number(transaction, room.folder_id, 3).identifier)
    before = water_of(transaction, room.folder_id)
    age(transaction, 11)
    posted(transaction, a_post(room))
    modseq = transaction.value("SELECT highest_modseq FROM folder WHERE id = %s", (room.folder_id,))

    assert before == Water(1, 3, 2)
    assert expire(transaction, room.folder_id, batch=2) == 2
    assert expire(transaction, room.folder_id, batch=2) == 1
    assert expire(transaction, room.folder_id, batch=2) == 0

    assert water_of(transaction, room.folder_id) == Water(4, 4, 1)
    assert list(changes_since(transaction, room.folder_id, modseq).vanished) == [1, 2]
    assert [each.folder_id for each in articles.by_identifier(transaction, b"<1@x>")] == [other.folder_id]
    assert articles.is_known(transaction, b"<1@x>")


def fill(tx: Transaction) -> Room:
    room = an_open_room(tx, "a.b", keep_days=10)
    an_open_room(tx, "a.c")
    posted(tx, a_post(room, octets=an_article(identifier="<old@x>")))
    age(tx, 40)
    posted(tx, *(a_post(room, octets=an_article(identifier=f"<{name}@x>")) for name in ("kept", "cancelled")))
    cancel_everywhere(tx, b"<cancelled@x>")
    return room


async def test_a_message_id_outlives_its_article_by_as_long_as_what_is_expunged(database: Database) -> None:
    room = await database.transact(fill)
    tidied = await tidy_rooms(database)
    await purge(database)
    assert (tidied.expired, tidied.identifiers) == (1, 0)
    assert await database.read(articles.is_known, b"<old@x>")  # its message can still be read by who has it open
    assert await database.read(water_of, room.folder_id) == Water(2, 3, 1)

    await database.transact(age, 31)
    await purge(database)
    tidied = await tidy_rooms(database)
    assert tidied.identifiers == 2
    for name, known in ((b"<old@x>", False), (b"<cancelled@x>", False), (b"<kept@x>", True)):
        assert await database.read(articles.is_known, name) is known
    with pytest.raises(ArticleNotFound):
        await database.transact(undo_everywhere, b"<cancelled@x>")
    assert await database.read(water_of, room.folder_id) == Water(4, 3, 0)


async def test_a_cancelled_article_waits_to_be_put_back_for_30_days(database: Database) -> None:
    await database.transact(fill)
    await database.transact(age, 5)
    await tidy_rooms(database)
    await purge(database)
    assert (await database.transact(undo_everywhere, b"<cancelled@x>")).numbers


def test_decisions_are_forgotten_after_30_days_and_what_waits_is_not(transaction: Transaction) -> None:
    room = an_open_room(transaction, moderated=True)
    held = hold_post(transaction, a_post(room), "example.org", NOW)
    hold_post(transaction, a_post(room), "example.org", NOW)
    reject(transaction, held.token, None, "", "example.org", NOW)
    assert forget_decided(transaction) == 0
    age(transaction, 31)
    assert forget_decided(transaction) == 1
    assert transaction.value("SELECT count(*) FROM held") == 1
    assert forget_decided(transaction, timedelta(0)) == 0
