"""An NNTP door on the tests' reactor, over a real store with some rooms, alice, a member, and admin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.news_gateway.nntp.command_table import COMMANDS
from services.news_gateway.nntp.doors import LIMITS
from services.news_gateway.nntp.message_of_the_day import MessageOfTheDay
from services.news_gateway.nntp.parts import NntpParts
from services.news_gateway.nntp.read_marks import ReadMarks
from services.news_gateway.nntp.session import NntpSession
from services.news_gateway.settings import NewsGatewaySettings
from shared.accounts.account import Role
from shared.accounts.sign_in import SignIn
from shared.conversation.factory import ConversationFactory
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.feeds.overdue import OverdueFeeds
from shared.folders.body_cache import BodyCache
from shared.folders.message import NewMessage
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.rooms.create_room import create_room
from shared.rooms.directory import Directory
from shared.rooms.posts.post import Post, Posted, post_articles
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.room import Posters, Readers, Room
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.testing.builders import a_member, verifiers_of
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.serving import serving

DOMAIN = "example.test"
HOSTNAME = "news.example.test"
VERIFIERS = verifiers_of("correct horse")
NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)


def an_article(number: int = 1, *, group: str = "local.tea", body: bytes = b"At four?\r\n", **more: str) -> bytes:
    """An article with a Message-ID."""
    fields = {
        "Path": "elsewhere.example!not-for-mail",
        "From": "Alice <alice@example.test>",
        "Newsgroups": group,
        "Subject": f"tea {number}",
        "Date": "Mon, 01 Jul 2024 09:00:00 +0000",
        "Message-ID": f"<{number}@example.test>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n" + body


@dataclass
class News:
    """The store behind the door."""

    transaction: Transaction
    parts: NntpParts
    port: int = 0
    rooms: dict[str, Room] = field(default_factory=dict)

    def make(self, name: str, **policy: Any) -> Room:
        """A room that everybody reads and posts to, unless `policy` says otherwise."""
        policy = {"reading": Readers.EVERYONE, "posting": Posters.EVERYONE, **policy}
        room = create_room(self.transaction, name, **policy)
        self.transaction.execute("UPDATE room SET created_at = %s WHERE folder_id = %s", (NOW, room.folder_id))
        self.transaction.commit()
        self.rooms[name] = replace(room, created_at=NOW)
        return room

    def put(self, *articles: bytes, rooms: tuple[str, ...] = ("local.tea",)) -> list[Posted]:
        """Put articles into rooms just as they are."""
        names: dict[int, str] = {self.rooms[name].folder_id: name for name in rooms}
        items = [
            Post(NewMessage(octets, NOW, render(octets)), overview.identifier, overview, names, HOSTNAME, "nntp")
            for octets in articles
            for overview in [overview_fields(octets)]
        ]
        results = post_articles(self.transaction, items)
        self.transaction.commit()
        return [result for result in results if isinstance(result, Posted)]

    def cancel(self, name: str, number: int) -> None:
        """The article is not there any more."""
        self.transaction.execute(
            "UPDATE article SET cancelled_at = now() WHERE folder_id = %s AND uid = %s",
            (self.rooms[name].folder_id, number),
        )
        self.transaction.execute(
            "UPDATE folder SET messages = messages - 1 WHERE id = %s", (self.rooms[name].folder_id,)
        )
        self.transaction.commit()


@pytest.fixture
def empty(transaction: Transaction, database: Database, bus: Bus, tmp_path: Any) -> Iterator[News]:
    """The door, open; there are no rooms."""
    files = ensure_certificate(tmp_path, HOSTNAME)
    directory = Directory(database, bus)
    posting = Posting(database, running_reactor(), directory, ServerNames(HOSTNAME, DOMAIN), lambda: NOW)
    parts = NntpParts(
        hostname=HOSTNAME,
        mail_domain=DOMAIN,
        motd=MessageOfTheDay(tmp_path / "motd"),
        database=database,
        bus=bus,
        bodies=BodyCache(database, 1 << 20),
        directory=directory,
        posting=posting,
        overdue=OverdueFeeds(database, bus, running_reactor()),
        read_marks=ReadMarks(database, running_reactor(), []),
        sign_in=SignIn(database, bus.redis, running_reactor(), NewsGatewaySettings()),
        article_octets=1 << 20,
        errors=20,
        tls_options=Certificates(files.certificate, files.key).context_factory,
        now=lambda: NOW,
    )
    made = News(transaction, parts)
    for name, role in (("alice", Role.MEMBER), ("root", Role.ADMIN), ("gus", Role.GUEST)):
        a_member(transaction, name, role, verifiers=VERIFIERS, domain=DOMAIN)
    transaction.commit()
    factory = ConversationFactory(
        lambda: NntpSession(parts, COMMANDS), name="nntp", clock=running_reactor(), limits=LIMITS
    )
    with serving(factory) as made.port:
        yield made
    wait_for(posting.close)


@pytest.fixture
def news(empty: News) -> News:
    """With rooms of each kind, and some articles in local.tea: 1, 2, 4 and 5 are there, 3 was cancelled."""
    empty.make("local.tea", description="About tea")
    empty.make("local.empty")
    empty.make("local.members", reading=Readers.MEMBERS, posting=Posters.MEMBERS)
    empty.make("local.announce", posting=Posters.MODERATORS)
    empty.make("rss.planet", fed=True)
    empty.put(an_article(1), an_article(2, References="<1@example.test>", body=b".dot\r\n..\r\n\r\nend\r\n"))
    empty.put(an_article(3), an_article(4, X_Kind="green"))
    empty.put(an_article(5, group="local.tea,local.members"), rooms=("local.tea", "local.members"))
    empty.put(an_article(6, group="local.members"), rooms=("local.members",))
    empty.cancel("local.tea", 3)
    return empty
