"""Rooms and readers that tests begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.message import NewMessage
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.rooms.create_room import create_room
from shared.rooms.find_room import find_reader
from shared.rooms.moderators import add_moderator
from shared.rooms.posts.post import Post, Posted, post_articles
from shared.rooms.reader import Reader
from shared.rooms.room import Posters, Readers, Room
from shared.testing.builders import a_member

NOW = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)
HOSTNAME = "news.example.org"
_numbers = count(1)


def an_open_room(tx: Transaction, name: str = "local.knitting", /, **policy: Any) -> Room:
    """A room that everyone reads and posts to, unless `policy` says otherwise."""
    return create_room(tx, name, **{"reading": Readers.EVERYONE, "posting": Posters.EVERYONE, **policy})


def a_reader(tx: Transaction, name: str | None = None, role: Role = Role.MEMBER) -> Reader:
    """An account with a mailbox, as rooms see it."""
    return find_reader(tx, a_member(tx, name, role))


def a_moderator(tx: Transaction, *rooms: Room, name: str | None = None) -> Reader:
    """A member who was made a moderator of these rooms."""
    account = a_member(tx, name)
    for room in rooms:
        add_moderator(tx, room, account)
    return find_reader(tx, account)


def an_article(
    subject: str = "wool", *, identifier: str | None = None, body: str = "Blue.\r\n", **fields: str
) -> bytes:
    """An article with a Message-ID of its own, as it is kept: fields are written `Message_ID="<…>"`."""
    identifier = identifier or f"<{next(_numbers)}@example.org>"
    lines = [
        *("From: Alice <alice@example.org>", f"Subject: {subject}", f"Message-ID: {identifier}"),
        *(f"{name.replace('_', '-')}: {value}" for name, value in fields.items()),
    ]
    return "\r\n".join([*lines, "", body]).encode()


def a_post(*rooms: Room, octets: bytes | None = None, account_id: int | None = None) -> Post:
    """The article ready to be kept in these rooms."""
    octets = octets or an_article()
    overview = overview_fields(octets)
    message = NewMessage(octets, NOW, render(octets))
    names: dict[int, str] = {room.folder_id: room.name for room in rooms}
    return Post(message, overview.identifier, overview, names, HOSTNAME, "nntp", account_id, "192.0.2.1")


def posted(tx: Transaction, *posts: Post) -> list[Posted]:
    """Post all of them in one go; none is refused."""
    results = post_articles(tx, posts)
    for result in results:
        assert isinstance(result, Posted), result
    return cast("list[Posted]", results)


def uids(result: Posted | DomainError) -> list[int]:
    assert isinstance(result, Posted), result
    return [place.uid for place in result.places]
