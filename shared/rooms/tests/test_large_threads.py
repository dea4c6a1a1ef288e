"""Threads of a room of many articles, and a thread of many, are shown as fast as small ones."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

import pytest

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.rooms.posts.place_in_threads import place_in_threads
from shared.rooms.reading.list_threads import list_threads
from shared.rooms.reading.read_thread import read_thread, thread_of
from shared.rooms.room import Room
from shared.rooms.tests.build import an_open_room
from shared.testing.fastest import milliseconds

ARTICLES = 100_000
LONG = 5_000  # the newest of them are one thread
LINE = (
    b"%d\tAh, a subject of an ordinary length, about wool\tAlice Example <alice@example.org>"
    b"\tSun, 01 Mar 2026 12:30:15 +0000\t<%d.long-enough@news.example.org>\t%b"
    b"\t2345\t42\tXref: news.example.org a.b:%d\r\n"
)
_INT4, _INT8 = Struct(">i"), Struct(">q")


@pytest.fixture
def large(database_url: str) -> Iterator[tuple[Transaction, Room]]:
    """A room of ARTICLES in threads of ten, but for the newest; nothing has looked at the tables' statistics."""
    connection = open_connection(database_url, StoreLimits(), "test")
    tx = Transaction(connection)
    room = an_open_room(tx, "a.b")
    packed = _INT8.pack(room.folder_id)

    def references(uid: int) -> bytes:
        first = ARTICLES - LONG if uid > ARTICLES - LONG else uid // 10 * 10
        return b"" if first in (0, uid) else b"<%d.long-enough@news.example.org>" % first

    tx.copy_in(
        "article (folder_id, uid, message_id, identifier, overview, came_at)",
        (
            (
                packed, _INT4.pack(uid), _INT8.pack(uid), b"<%d.long-enough@news.example.org>" % uid,
                LINE % (uid, uid, references(uid), uid), _INT8.pack(uid * 1000),
            )
            for uid in range(1, ARTICLES + 1)
        ),
    )  # fmt: skip
    while not place_in_threads(tx, room.folder_id, 10_000):
        pass
    tx.commit()
    yield tx, room
    connection.close()


def test_pages_of_threads_are_read_at_once(large: tuple[Transaction, Room]) -> None:
    tx, room = large
    first = list_threads(tx, room.folder_id, None)
    assert first.threads[0].articles == LONG + 1
    assert len(first.threads) == 30
    assert first.before is not None

    assert milliseconds(lambda: list_threads(tx, room.folder_id, None)) < 100
    assert milliseconds(lambda: list_threads(tx, room.folder_id, None, first.before)) < 100
    assert milliseconds(lambda: list_threads(tx, room.folder_id, None, ARTICLES // 2)) < 100


def test_a_page_of_a_long_thread_is_read_at_once(large: tuple[Transaction, Room]) -> None:
    tx, room = large
    thread = thread_of(tx, room.folder_id, ARTICLES)
    page = read_thread(tx, room.folder_id, thread, ARTICLES - LONG // 2)
    assert len(page.articles) == 50
    assert milliseconds(lambda: read_thread(tx, room.folder_id, thread, ARTICLES - LONG // 2)) < 50
