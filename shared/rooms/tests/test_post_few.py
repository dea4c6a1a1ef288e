"""A few small articles kept by one statement: the same rows as by the statements for many, also beside each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta, timezone
from typing import Any

import pytest

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import READ_WRITE, Transaction
from shared.folders.channel import FolderChanged
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import DuplicateArticle
from shared.rooms.posts.post import Post, post_articles
from shared.rooms.posts.post_few import MOST_FEW, are_few, post_few
from shared.rooms.room import Room
from shared.rooms.tests.build import NOW, a_post, an_article, an_open_room, uids
from shared.testing.eventually import eventually

# All that is kept of the articles of a room; numbers of rooms and messages differ.
_KEPT = """
    SELECT article.uid, identifier.identifier, article.identifier, article.overview, article.cancelled_at,
           article.came_at >= identifier.came_at, identifier.account_id, identifier.network, identifier.door,
           message.size_octets, received_at, received_zone, sent_at, envelope, bodystructure, sections,
           body.chunk, body.octets, entry.flags, entry.modseq, entry.size_octets
    FROM article JOIN message ON message.id = article.message_id JOIN body ON body.message_id = message.id
    JOIN entry ON entry.folder_id = article.folder_id AND entry.uid = article.uid AND entry.message_id = message.id
    JOIN identifier ON identifier.message_id = message.id
    WHERE article.folder_id = %s ORDER BY article.uid
"""
_FOLDER = "SELECT uidnext, highest_modseq, messages, unseen, octets FROM folder WHERE id = %s"


def _posts(room: Room, count: int) -> list[Post]:
    east = timezone(timedelta(hours=3, minutes=30))
    posts = [
        a_post(
            room,
            octets=an_article("\\x41 'tea' {a,\"b\"} \u00e9", identifier=f"<{number}\\'@x>", **_fields(number)),
            account_id=number or None,
        )
        for number in range(count)
    ]
    return [
        post._replace(
            message=post.message._replace(received_at=NOW.astimezone(east)),
            network=None if number else "192.0.2.7",
            door="feed 'a' \\'",
        )
        for number, post in enumerate(posts)
    ]


def _fields(number: int) -> dict[str, str]:
    return {} if number % 2 else {"Date": "Sun, 01 Mar 2026 12:30:00 +0100", "References": "<0@x>"}


def _kept(tx: Transaction, room: Room) -> tuple[Any, list[tuple[Any, ...]]]:
    return tx.row(_FOLDER, (room.folder_id,)), tx.rows(_KEPT, (room.folder_id,))


@pytest.mark.parametrize("count", range(1, MOST_FEW + 1))
def test_few_leave_the_same_rows_as_many(transaction: Transaction, count: int) -> None:
    kept, events = [], []
    for post in (post_few, _post_as_many):
        room = an_open_room(transaction)
        transaction.commit()
        posts = _posts(room, count)
        assert are_few(posts)
        results = post(transaction, posts)
        assert results is not None
        assert [uids(result) for result in results] == [[number + 1] for number in range(count)]
        kept.append(_kept(transaction, room))
        events.append([event.modseq for event in transaction.events if isinstance(event, FolderChanged)])
        transaction.rollback()
        delete_room(transaction, room)
        transaction.commit()
    assert kept[0] == kept[1]
    assert events[0] == events[1] == [2]
    assert len(kept[0][1]) == count


def _post_as_many(tx: Transaction, posts: Sequence[Post]) -> Sequence[Any]:
    """By the other statements, since one of them is refused: the gathering has its Message-ID twice."""
    results = post_articles(tx, [*posts, posts[-1]])
    assert isinstance(results[-1], DuplicateArticle)
    return results[:-1]


def test_few_are_small_ones_for_one_room_each_with_its_own_message_id(transaction: Transaction) -> None:
    room, other = an_open_room(transaction, "a.b"), an_open_room(transaction, "a.c")
    post = a_post(room)
    assert are_few([post, a_post(room)])
    for others in (
        [post],
        [a_post(other)],
        [a_post(room, other)],
        [a_post(room, octets=an_article(body="x" * 40_000))],
        [a_post(room)._replace(superseded=[(room.folder_id, 1)])],
        [a_post(room) for _ in range(MOST_FEW)],
    ):
        assert not are_few([post, *others])


def test_a_duplicate_among_few_never_takes_a_number(transaction: Transaction) -> None:
    room = an_open_room(transaction)
    octets = an_article(identifier="<1@x>")
    post_articles(transaction, [a_post(room, octets=octets)])
    refused, kept = post_articles(transaction, [a_post(room, octets=octets), a_post(room)])
    assert isinstance(refused, DuplicateArticle)
    assert str(refused) == "<1@x>"
    assert uids(kept) == [2]
    assert transaction.value("SELECT count(*) FROM message") == 2


@pytest.fixture
def beside(database_url: str) -> Iterator[Transaction]:
    """A transaction on another connection."""
    connection = open_connection(database_url, StoreLimits(), "beside")
    tx = Transaction(connection, READ_WRITE)
    yield tx
    tx.rollback()
    connection.close()


@pytest.mark.parametrize("same", [False, True])
def test_few_wait_for_those_that_another_process_posts(
    transaction: Transaction, beside: Transaction, same: bool
) -> None:
    room = an_open_room(transaction)
    transaction.commit()
    first, second = a_post(room), a_post(room)
    if same:
        second = second._replace(identifier=first.identifier)
    post_articles(transaction, [first])
    later: list[Sequence[Any]] = []
    thread = threading.Thread(target=lambda: later.append(post_articles(beside, [second, a_post(room)])))
    thread.start()
    eventually(_waits_for_a_lock(transaction), "the second waits")
    transaction.commit()
    thread.join()
    beside.commit()
    if same:
        assert isinstance(later[0][0], DuplicateArticle)
        assert uids(later[0][1]) == [2]
    else:
        assert [uids(each) for each in later[0]] == [[2], [3]]
    posted = 2 if same else 3
    assert transaction.row(_FOLDER, (room.folder_id,)) == (posted + 1, 3, posted, posted, _octets(transaction, room))


def _waits_for_a_lock(tx: Transaction) -> Callable[[], bool]:
    return lambda: bool(
        tx.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'beside' AND wait_event_type = 'Lock'")
    )


def _octets(tx: Transaction, room: Room) -> Any:
    return tx.value("SELECT sum(size_octets) FROM entry WHERE folder_id = %s", (room.folder_id,))
