"""A room of many articles answers what newsreaders ask first as fast as a small one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from struct import Struct

import pytest

from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.rooms.reading import articles
from shared.rooms.reading.newnews import identifiers_since, since
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water
from shared.rooms.tests.build import an_open_room
from shared.testing.fastest import milliseconds

ARTICLES = 100_000
LINE = (
    b"%d\tRe: a subject of an ordinary length, about wool\tAlice Example <alice@example.org>"
    b"\tSun, 01 Mar 2026 12:30:15 +0000\t<%d.long-enough@news.example.org>"
    b"\t<1@news.example.org> <2@news.example.org>\t2345\t42\tXref: news.example.org a.b:%d\r\n"
)
_INT4, _INT8 = Struct(">i"), Struct(">q")


@pytest.fixture
def large(database_url: str) -> Iterator[tuple[Transaction, Room]]:
    """A room of ARTICLES, filled past the write path, every tenth of them cancelled."""
    connection = open_connection(database_url, StoreLimits(), "test")
    tx = Transaction(connection)
    room = an_open_room(tx, "a.b")
    packed = _INT8.pack(room.folder_id)
    tx.copy_in(
        "article (folder_id, uid, message_id, identifier, overview, came_at)",
        (
            (
                packed, _INT4.pack(uid), _INT8.pack(uid), b"<%d.long-enough@news.example.org>" % uid,
                LINE % (uid, uid, uid), _INT8.pack(uid * 1000),
            )
            for uid in range(1, ARTICLES + 1)
        ),
    )  # fmt: skip
    tx.execute("UPDATE article SET cancelled_at = now() WHERE uid % 10 = 0")
    tx.execute(
        "UPDATE folder SET uidnext = %s, messages = %s WHERE id = %s",
        (ARTICLES + 1, ARTICLES * 9 // 10, room.folder_id),
    )
    tx.commit()
    tx.execute("ANALYZE article")
    tx.commit()
    yield tx, room
    connection.close()


def test_water_marks_and_the_last_overviews_are_read_at_once(large: tuple[Transaction, Room]) -> None:
    tx, room = large
    assert water_of(tx, room.folder_id) == Water(1, ARTICLES, ARTICLES * 9 // 10)
    page = articles.overviews(tx, room.folder_id, ARTICLES - 499, ARTICLES, 500)
    assert page.octets.count(b"\r\n") == 450

    assert milliseconds(lambda: water_of(tx, room.folder_id)) < 20
    assert milliseconds(lambda: articles.overviews(tx, room.folder_id, ARTICLES - 499, ARTICLES, 500)) < 50
    assert milliseconds(lambda: articles.next_after(tx, room.folder_id, ARTICLES // 2)) < 20
    assert milliseconds(lambda: articles.last_before(tx, room.folder_id, ARTICLES // 2)) < 20


def test_all_numbers_and_lines_come_in_pages(large: tuple[Transaction, Room]) -> None:
    tx, room = large
    found, first = 0, 1
    while page := articles.numbers(tx, room.folder_id, first, ARTICLES, 10_000):
        found += len(page)
        assert len(page) <= 10_000
        first = page[-1] + 1
    assert found == ARTICLES * 9 // 10

    lines, after = 0, 0
    while (overviews := articles.overviews(tx, room.folder_id, after + 1, ARTICLES, 1_000)).last is not None:
        lines += overviews.octets.count(b"\r\n")
        after = overviews.last
    assert lines == ARTICLES * 9 // 10


def test_a_page_of_all_that_came_is_read_as_fast_as_one_of_today(large: tuple[Transaction, Room]) -> None:
    tx, room = large
    beginning = since(datetime(1990, 1, 1, tzinfo=UTC))
    page, following = identifiers_since(tx, [room.folder_id], beginning, 500)
    assert (len(page), page[0]) == (500, b"<1.long-enough@news.example.org>")
    assert following is not None
    later = following
    assert milliseconds(lambda: identifiers_since(tx, [room.folder_id], beginning, 500)) < 50
    assert milliseconds(lambda: identifiers_since(tx, [room.folder_id], later, 500)) < 50
