"""A large room is shown as fast as a small one, and open pages cost little."""

from __future__ import annotations

import os
from pathlib import Path
from struct import Struct
from time import perf_counter

from services.wiki.rooms.tests.test_live import Stream
from services.wiki.tests.web import Web
from shared.database.transaction import Transaction
from shared.rooms.posts.place_in_threads import place_in_threads
from shared.rooms.room import Room
from shared.rooms.tests.build import an_open_room
from shared.rooms.tests.test_large_threads import ARTICLES, LINE

READERS = 30  # open pages of each account, as many as it may have
_INT4, _INT8 = Struct(">i"), Struct(">q")


def test_a_page_of_a_room_of_a_hundred_thousand_is_there_at_once(web: Web) -> None:
    tx = web.transaction
    _fill(tx, an_open_room(tx, "a.b"), 400)
    _fill(tx, an_open_room(tx, "a.c"), ARTICLES)
    tx.commit()
    alice = web.browser("alice")
    taken: dict[str, list[float]] = {"a.b": [], "a.c": []}
    for room in ["a.b", "a.c"] * 7:
        began = perf_counter()
        got = alice.get(f"/rooms/{room}")
        taken[room].append(perf_counter() - began)
        assert got.status == 200
        assert got.text.count('<p class="title">') == 30
    assert min(taken["a.c"]) < min(0.1, 3 * min(taken["a.b"]))


def _fill(tx: Transaction, room: Room, articles: int) -> None:
    """Threads of ten."""
    packed = _INT8.pack(room.folder_id)
    tx.copy_in(
        "article (folder_id, uid, message_id, identifier, overview, came_at)",
        (
            (
                packed, _INT4.pack(uid), _INT8.pack(uid), b"<%d.long-enough@news.example.org>" % uid,
                LINE % (uid, uid, b"<%d.long-enough@news.example.org>" % (uid // 10 * 10) if uid % 10 else b"", uid),
                _INT8.pack(uid * 1000),
            )
            for uid in range(1, articles + 1)
        ),
    )  # fmt: skip
    tx.execute("UPDATE folder SET uidnext = %s, messages = %s WHERE id = %s", (articles + 1, articles, room.folder_id))
    while not place_in_threads(tx, room.folder_id, 10_000):
        pass


def test_open_pages_cost_little_and_all_are_told(web: Web) -> None:
    an_open_room(web.transaction, "a.b")
    web.transaction.commit()
    alice = web.browser("alice")
    readers = [cookies for name in ("alice", "bob", "root", "gus") for cookies in [web.browser(name).cookies] * READERS]
    streams: list[Stream] = []
    before = _resident()
    for cookies in readers:
        streams.append(Stream(web.port, "/rooms/a.b/live", cookies))
        assert b"200 OK" in streams[-1].until(b"\r\n\r\n")
    each = (_resident() - before) / len(streams)
    alice.post("/rooms/a.b/new", {"csrf": alice.csrf("/about"), "subject": "x", "text": "y"})
    for stream in streams:
        stream.until(b'"high":1')
        stream.close()
    assert each < 60_000, each  # with the readers' own ends, which are in this process, too


def _resident() -> int:
    """Octets of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
