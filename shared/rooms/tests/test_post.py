"""The write path: numbers, crossposts, duplicates, and what newsreaders are served of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.folders.channel import FolderChanged
from shared.folders.open_folder import open_folder
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import ArticleNotFound, DuplicateArticle, RoomNotFound
from shared.rooms.posts.post import post_articles
from shared.rooms.reading import articles
from shared.rooms.reading.newnews import Since, identifiers_since, since
from shared.rooms.reading.water import water_of
from shared.rooms.room import Water
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted, uids


@pytest.mark.parametrize("copies", [1, 3, 40])  # by statements, and by COPY
def test_articles_are_numbered_in_the_order_of_the_items(transaction: Transaction, copies: int) -> None:
    room = an_open_room(transaction)
    transaction.commit()
    bodies = [an_article(f"number {number}") for number in range(copies)]

    results = posted(transaction, *(a_post(room, octets=octets) for octets in bodies))

    assert [uids(result) for result in results] == [[number + 1] for number in range(copies)]
    snapshot = open_folder(transaction, room.folder_id)
    assert list(snapshot.uids) == list(range(1, copies + 1))
    stored = dict(load_bodies(transaction, snapshot.message_ids))
    assert [stored[message_id] for message_id in snapshot.message_ids] == bodies
    assert water_of(transaction, room.folder_id) == Water(1, copies, copies)
    assert transaction.commit() == [FolderChanged(room.folder_id, snapshot.folder.highest_modseq)]


def test_a_crosspost_is_one_message_with_a_number_in_each_room(transaction: Transaction) -> None:
    first, second = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    posted(transaction, a_post(second))
    (result,) = posted(transaction, a_post(second, first, octets=an_article(identifier="<1@x>")))

    assert [(place.folder_id, place.uid) for place in result.places] == [(second.folder_id, 2), (first.folder_id, 1)]
    found = articles.by_identifier(transaction, b"<1@x>")
    assert [(each.folder_id, each.uid, each.message_id) for each in found] == [
        (first.folder_id, 1, result.message_id), (second.folder_id, 2, result.message_id),
    ]  # fmt: skip
    assert {each.xref for each in found} == {b"news.example.org a.c:2 a.b:1"}
    assert transaction.value("SELECT count(*) FROM message") == 2


def test_a_duplicate_never_takes_a_number(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    octets = an_article(identifier="<1@x>")
    results = post_articles(
        transaction,
        [a_post(room, octets=octets), a_post(other, room, octets=octets), a_post(room), a_post(room, octets=octets)],
    )
    assert uids(results[0]) == [1]
    assert uids(results[2]) == [2]
    for duplicate in (results[1], results[3]):
        assert isinstance(duplicate, DuplicateArticle)
        assert str(duplicate) == "<1@x>"
    transaction.commit()
    (later,) = post_articles(transaction, [a_post(other, octets=octets)])
    assert isinstance(later, DuplicateArticle)
    assert water_of(transaction, other.folder_id) == Water(1, 0, 0)
    assert uids(post_articles(transaction, [a_post(other)])[0]) == [1]
    assert transaction.value("SELECT count(*) FROM message") == 3


def test_an_article_for_a_deleted_room_is_posted_nowhere(transaction: Transaction) -> None:
    room, gone = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    delete_room(transaction, gone)
    octets = an_article(identifier="<1@x>")
    refused, kept = post_articles(transaction, [a_post(room, gone, octets=octets), a_post(room, octets=octets)])
    assert isinstance(refused, RoomNotFound)
    assert uids(kept) == [1]
    (alone,) = post_articles(transaction, [a_post(gone)])
    assert isinstance(alone, RoomNotFound)


def test_an_article_s_overview_is_served_as_it_was_made(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    octets = an_article("tea\r\n\tat four", identifier="<2@x>", Date="Sun, 01 Mar 2026", References="<0@x>\r\n <1@x>")
    posted(transaction, a_post(room), a_post(room, octets=octets), a_post(room))
    line = (
        b"2\ttea at four\tAlice <alice@example.org>\tSun, 01 Mar 2026\t<2@x>\t<0@x> <1@x>\t%d\t1\t"
        b"Xref: news.example.org local.knitting:2\r\n" % len(octets)
    )
    assert articles.by_number(transaction, room.folder_id, 2).overview == line
    page = articles.overviews(transaction, room.folder_id, 2, 3, 1)
    assert (page.octets, page.last) == (line, 2)
    page = articles.overviews(transaction, room.folder_id, 1, 2**40, 100)
    assert (page.octets.count(b"\r\n"), page.last) == (3, 3)
    assert articles.overviews(transaction, room.folder_id, 4, 9, 100) == articles.Overviews(b"", None)


def test_articles_are_found_by_number_neighbour_and_range(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    posted(transaction, *(a_post(room, octets=an_article(identifier=f"<n{number}@x>")) for number in range(1, 6)))
    number = room.folder_id
    assert articles.by_number(transaction, number, 3).identifier == b"<n3@x>"
    assert articles.next_after(transaction, number, 3) == (4, b"<n4@x>")
    assert articles.last_before(transaction, number, 3) == (2, b"<n2@x>")
    assert list(articles.numbers(transaction, number, 2, 9, 3)) == [2, 3, 4]
    assert list(articles.by_numbers(transaction, number, [5, 1, 77, 2**40])) == [1, 5]
    for missing in (0, 6, 2**40):
        with pytest.raises(ArticleNotFound):
            articles.by_number(transaction, number, missing)
    with pytest.raises(ArticleNotFound):
        articles.next_after(transaction, number, 5)
    with pytest.raises(ArticleNotFound):
        articles.last_before(transaction, number, 1)
    with pytest.raises(ArticleNotFound):
        articles.by_identifier(transaction, b"<none@x>")
    assert articles.is_known(transaction, b"<n3@x>")
    assert not articles.is_known(transaction, b"<none@x>")


def test_new_articles_come_in_pages_each_once(transaction: Transaction) -> None:
    rooms = [an_open_room(transaction, name) for name in ("a.b", "a.c", "a.d")]
    ids = [f"<n{number}@x>".encode() for number in range(25)]
    posts = [
        a_post(*rooms[number % 2 : 2], octets=an_article(identifier=each.decode())) for number, each in enumerate(ids)
    ]
    posted(transaction, *posts, a_post(rooms[2]))
    transaction.commit()
    place: Since | None = since(datetime.now(UTC) - timedelta(minutes=1))
    found: list[bytes] = []
    while place is not None:
        page, place = identifiers_since(transaction, [room.folder_id for room in rooms[:2]], place, 10)
        found += page
    assert sorted(found) == sorted(ids)
    later = since(datetime.now(UTC) + timedelta(minutes=1))
    assert identifiers_since(transaction, [rooms[0].folder_id], later, 10) == ([], None)


def test_what_this_transaction_has_posted_before_is_a_duplicate_too(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    octets = an_article(identifier="<1@x>")
    posted(transaction, a_post(room, octets=octets))
    again, other = post_articles(transaction, [a_post(room, octets=octets), a_post(room)])
    assert isinstance(again, DuplicateArticle)
    assert uids(other) == [2]


def test_the_poster_of_an_article_is_who_posted_it_and_not_who_was_refused(transaction: Transaction) -> None:
    room, gone = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    delete_room(transaction, gone)
    octets = an_article(identifier="<1@x>")
    refused, kept = post_articles(
        transaction, [a_post(gone, octets=octets, account_id=7), a_post(room, octets=octets, account_id=8)]
    )
    assert isinstance(refused, RoomNotFound)
    assert uids(kept) == [1]
    assert transaction.value("SELECT account_id FROM identifier WHERE identifier = '<1@x>'") == 8
    (alone,) = post_articles(transaction, [a_post(gone, octets=an_article(identifier="<2@x>"))])
    assert isinstance(alone, RoomNotFound)
    assert not articles.is_known(transaction, b"<2@x>")
