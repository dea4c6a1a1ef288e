"""Searching articles: in every script, only in rooms that were asked for, and bounded for words that all have."""

from __future__ import annotations

from struct import Struct
from time import process_time

import pytest

from shared.database.transaction import Transaction
from shared.rooms.room import Room
from shared.rooms.search import index_articles as indexing
from shared.rooms.search.index_articles import index_articles, rooms_behind
from shared.rooms.search.search_articles import LOOKED_AT, search_articles
from shared.rooms.tests.build import a_post, an_article, an_open_room, posted
from shared.testing.fastest import milliseconds

_INT4, _INT8 = Struct(">i"), Struct(">q")
MANY = 20_000


def indexed(tx: Transaction, room: Room) -> None:
    """Everything that is posted is searched."""
    while not index_articles(tx, room.folder_id):
        pass


def found(tx: Transaction, words: str, *rooms: Room) -> list[int]:
    return [hit.line.uid for hit in search_articles(tx, words, [room.folder_id for room in rooms])]


def test_articles_are_found_by_subject_author_and_text_the_newest_first(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    posted(transaction, a_post(room, octets=an_article("Blue wool", body="from the shop.\r\n")))
    posted(transaction, a_post(room, octets=an_article("needles", body="For blue scarves\r\n")))
    indexed(transaction, room)
    assert found(transaction, "blue", room) == [2, 1]
    assert found(transaction, "BLUE shop", room) == [1]
    assert found(transaction, "scarv", room) == [2]
    assert found(transaction, "alice", room) == [2, 1]
    assert found(transaction, "green", room) == found(transaction, " ", room) == found(transaction, "blue") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("今日は良い天気です", "天気"),
        ("Straße nach Süden", "STRASSE"),
        ("привет мир", "Привет"),
        ("naïve café", "café"),
    ],
    ids=["japanese", "german", "russian", "french"],
)
def test_every_script_is_searched(transaction: Transaction, text: str, words: str) -> None:
    room = an_open_room(transaction)
    article = an_article("x", Content_Type="text/plain; charset=utf-8", body=text + "\r\n")
    posted(transaction, a_post(room, octets=article))
    indexed(transaction, room)
    assert found(transaction, words, room) == [1]


def test_markup_is_not_searched_and_what_stands_in_it_is(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    body = (
        "<style>p {color: mauve}</style><p class='violet'>Tea<b>spoon</b> &amp; caf&eacute;</p><script>let x</script>"
    )
    posted(transaction, a_post(room, octets=an_article("x", Content_Type="text/html", body=body)))
    indexed(transaction, room)
    assert found(transaction, "café", room) == [1]
    assert (
        found(transaction, "mauve", room) == found(transaction, "violet", room) == found(transaction, "let", room) == []
    )


def test_other_rooms_and_what_is_cancelled_are_not_found(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    for each in (room, other):
        posted(transaction, a_post(each, octets=an_article("blue")))
        indexed(transaction, each)
    assert found(transaction, "blue", other) == [1]
    transaction.execute("UPDATE article SET cancelled_at = now() WHERE folder_id = %s", (other.folder_id,))
    assert found(transaction, "blue", room, other) == [1]
    assert [hit.folder_id for hit in search_articles(transaction, "blue", [other.folder_id, room.folder_id])] == [
        room.folder_id
    ]


def test_posting_writes_nothing_of_it_and_a_room_that_is_behind_is_known(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    posted(transaction, a_post(room))
    assert transaction.value("SELECT count(*) FROM article_text") == 0
    assert list(rooms_behind(transaction)) == [room.folder_id]
    indexed(transaction, room)
    assert list(rooms_behind(transaction)) == []


def test_large_articles_are_found_by_their_subjects_and_steps_are_bounded_in_octets(
    transaction: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "LARGEST_OCTETS", 4_000)
    monkeypatch.setattr(indexing, "STEP_OCTETS", 5_000)
    room = an_open_room(transaction)
    for subject in ("first", "second", "third"):
        posted(transaction, a_post(room, octets=an_article(subject, body="wool " * 1_000)))
    assert not index_articles(transaction, room.folder_id)
    assert transaction.value("SELECT reached FROM article_text_reach") == 1
    indexed(transaction, room)
    assert found(transaction, "second", room) == [2]
    assert found(transaction, "wool", room) == []


def test_a_room_takes_its_texts_with_it_and_articles_that_are_gone_leave_nothing(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    for _ in range(3):
        posted(transaction, a_post(room, octets=an_article("blue")))
    indexed(transaction, room)
    transaction.execute("DELETE FROM article WHERE uid < 3")
    posted(transaction, a_post(room, octets=an_article("blue")))
    indexed(transaction, room)
    assert transaction.value("SELECT min(uid) FROM article_text") == 3
    transaction.execute("DELETE FROM room")
    assert transaction.value("SELECT count(*) FROM article_text") == 0


def test_a_word_that_every_article_has_is_found_at_once_and_so_is_a_rare_one(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    packed = _INT8.pack(room.folder_id)
    line = b"%d\tsubject\tA <a@b>\tdate\t<%d@x>\t\t100\t5\r\n"
    transaction.copy_in(
        "article (folder_id, uid, message_id, identifier, overview, came_at)",
        (
            (packed, _INT4.pack(uid), _INT8.pack(uid), b"<%d@x>" % uid, line % (uid, uid), _INT8.pack(uid * 1000))
            for uid in range(1, MANY + 1)
        ),
    )
    transaction.execute(
        "INSERT INTO article_text (folder_id, uid, words) SELECT %s, uid,"
        " ('common:1 w' || lpad(uid::text, 6, '0') || ':2' || repeat(' filler' || uid, 20))::tsvector"
        " FROM generate_series(1, %s) AS uid",
        (room.folder_id, MANY),
    )
    transaction.execute("ANALYZE article_text")
    assert found(transaction, "common", room)[0] == MANY
    assert found(transaction, "w000077", room) == [77]
    assert LOOKED_AT < MANY
    began = process_time()
    for _ in range(10):
        found(transaction, "common", room)
    assert process_time() - began < 2.0  # this process's own part
    assert milliseconds(lambda: found(transaction, "common", room)) < 2000
