"""A web server on loopback whose one document the tests choose, with a Refresher that asks it."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

from twisted.web.resource import Resource
from twisted.web.server import Request, Site

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.feeds.add_feed import add_feed
from shared.feeds.change_feed import ask_soon
from shared.feeds.claim import claim_of_room
from shared.feeds.refresh import Refresher
from shared.feeds.subscription import FeedSubscription
from shared.folders.bodies import load_bodies
from shared.folders.open_folder import open_folder
from shared.reach.fetch import Fetcher
from shared.rooms.create_room import create_room
from shared.rooms.directory import Directory
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.room import Readers, Room
from shared.testing.reactor import running_reactor
from shared.testing.serving import serving

PROCESS = uuid4()


@dataclass
class Served:
    """What is answered, and the fields of the requests that came."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)


class _Document(Resource):
    isLeaf = True

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._served = served

    def render_GET(self, request: Request) -> bytes:
        headers = request.requestHeaders.getAllRawHeaders()
        self._served.asked.append({name.decode().lower(): values[0].decode() for name, values in headers})
        request.setResponseCode(self._served.status)
        for name, value in self._served.headers.items():
            request.setHeader(name.encode(), value.encode())
        return self._served.body


@contextmanager
def a_feed_server() -> Iterator[tuple[Served, str]]:
    """The document, and its address."""
    served = Served()
    site: Any = Site(_Document(served))  # its protocol is not typed as a factory makes it
    with serving(site) as port:
        yield served, f"http://127.0.0.1:{port}/feed.xml"


def a_refresher(
    database: Database, bus: Bus, *, private: bool = True, process: UUID = PROCESS, pushed: bool = False
) -> Refresher:
    reactor, names = running_reactor(), ServerNames("news.example.org", "example.org")

    def now() -> datetime:
        return datetime.now(UTC)

    posting = Posting(database, reactor, Directory(database, bus), names, now)
    fetcher = Fetcher(reactor)
    return Refresher(database, reactor, posting, fetcher, names, now, private=private, process=process, pushed=pushed)


async def a_subscription(database: Database, url: str, room: str = "rss.beans") -> tuple[Room, FeedSubscription]:
    """A room that is filled from `url`."""
    made = await database.transact(create_room, room, reading=Readers.EVERYONE, fed=True)
    return made, await database.transact(add_feed, made, url)


async def claimed(database: Database, feed: FeedSubscription) -> FeedSubscription:
    """The feed as it is now, leased to this process."""
    await database.transact(ask_soon, feed.id)
    [claim] = await database.transact(claim_of_room, PROCESS, feed.folder_id)
    return claim


def articles_of(tx: Transaction, room: Room) -> dict[int, EmailMessage]:
    """By their numbers."""
    snapshot = open_folder(tx, room.folder_id)
    bodies = dict(load_bodies(tx, snapshot.message_ids))
    return {
        uid: email.message_from_bytes(bodies[message_id], policy=policy.default)
        for uid, message_id in zip(snapshot.uids, snapshot.message_ids, strict=True)
    }
