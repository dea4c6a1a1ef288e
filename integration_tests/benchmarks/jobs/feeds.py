"""Feeds that are due at once: what a poll of one costs, most of which answer that nothing is new."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.stack.local import HERE
from shared.database.transaction import Transaction
from shared.feeds.add_feed import add_feed
from shared.rooms.create_room import create_room
from shared.rooms.room import Posters, Readers

FEEDS = 200
ITEMS = 20
CHANGING = 10  # each tenth feed has a new item when it is polled again
AN_HOUR_OF = 1_000  # feeds, for the share of a processor
IDLE_SECONDS = 5.0
LONGEST_SECONDS = 300.0
LOOK_AGAIN_SECONDS = 0.1
BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)


class _Site(ThreadingHTTPServer):
    """Feed number N at /N; those that change have one item more in each edition."""

    daemon_threads = True
    edition = 0

    def document(self, number: int) -> tuple[str, bytes]:
        """The ETag, and the feed."""
        edition = self.edition if number % CHANGING == 0 else 0
        items = "".join(_item(number, each) for each in range(edition, edition + ITEMS))
        feed = f'<rss version="2.0"><channel><title>Feed {number}</title>{items}</channel></rss>'
        return f'"{edition}"', feed.encode()


def _item(feed: int, number: int) -> str:
    date = format_datetime(BEGAN + timedelta(hours=number))
    text = "An ordinary text of some length. " * 20
    return (
        f"<item><title>Item {number} of {feed}</title><link>http://feeds.example/{feed}/{number}</link>"
        f"<guid>http://feeds.example/{feed}/{number}</guid><pubDate>{date}</pubDate>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;</description></item>"
    )


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Site

    def do_GET(self) -> None:
        etag, feed = self.server.document(int(self.path[1:]))
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/rss+xml")
        if not is_known:
            self.send_header("Content-Length", str(len(feed)))
        self.end_headers()
        if not is_known:
            self.wfile.write(feed)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is said."""


@contextlib.contextmanager
def _site() -> Iterator[_Site]:
    with _Site((HERE, 0), _Requests) as site:
        thread = Thread(target=site.serve_forever)
        thread.start()
        try:
            yield site
        finally:
            site.shutdown()
            thread.join()


def _subscribe(tx: Transaction, name: str, urls: Sequence[str]) -> int:
    room = create_room(tx, name, reading=Readers.EVERYONE, posting=Posters.NOBODY, fed=True)
    for url in urls:
        add_feed(tx, room, url)
    return room.folder_id


def _make_due(tx: Transaction, room: int) -> None:
    tx.execute("UPDATE feed SET next_try_at = now() WHERE folder_id = %s", (room,))


def _forget(tx: Transaction, room: int) -> None:
    """No more polls: the site ends."""
    tx.execute("DELETE FROM feed WHERE folder_id = %s", (room,))


def _due(tx: Transaction, room: int) -> int:
    return int(tx.value("SELECT count(*) FROM feed WHERE folder_id = %s AND next_try_at <= now()", (room,)))


def _state(tx: Transaction, room: int) -> tuple[int, int]:
    """How many articles there are, and how many feeds did not answer well."""
    articles = tx.value("SELECT messages FROM folder WHERE id = %s", (room,))
    return int(articles), int(tx.value("SELECT count(*) FROM feed WHERE folder_id = %s AND error <> ''", (room,)))


def _wait_until_polled(server: Server, room: int) -> None:
    assert server.transact is not None
    deadline = time.monotonic() + LONGEST_SECONDS
    while server.transact(_due, room):
        if time.monotonic() > deadline:
            raise TimeoutError("not all feeds were polled")
        time.sleep(LOOK_AGAIN_SECONDS)


def _run(server: Server, scale: float) -> Sequence[Figure]:
    """The first time all items are new; the second time one of a tenth of the feeds."""
    transact = server.transact
    assert transact is not None
    count = scaled(FEEDS, scale, CHANGING)
    with Meter(server) as idle:
        time.sleep(IDLE_SECONDS)
    costs: list[float] = []
    with _site() as site:
        urls = [f"http://{HERE}:{site.server_port}/{number}" for number in range(count)]
        room = transact(_subscribe, f"bench.feeds-{time.time_ns():x}", urls)
        for expected in (count * ITEMS, count * ITEMS + len(range(0, count, CHANGING))):
            with Meter(server) as meter:
                _wait_until_polled(server, room)
            if transact(_state, room) != (expected, 0):
                raise RuntimeError(f"{expected} articles were expected, and no errors: {transact(_state, room)}")
            assert meter.server_seconds is not None
            assert idle.server_seconds is not None
            costs.append((meter.server_seconds - idle.server_seconds * meter.seconds / idle.seconds) / count)
            site.edition += 1
            transact(_make_due, room)
        transact(_forget, room)
    first, again = costs
    return [
        Figure(f"processor for a feed with {ITEMS} new items", first * 1000, "ms", more=False),
        Figure("processor for a feed, most without one", again * 1000, "ms", more=False),
        Figure(f"{AN_HOUR_OF:,} such feeds an hour", again * AN_HOUR_OF / 3600 * 100, "% of a processor", more=False),
    ]


JOBS = [
    Job(
        "feeds",
        f"feeds: {FEEDS} that are due at once, every tenth with a new item",
        _run,
        fits=lambda server: server.transact is not None,
    )
]
