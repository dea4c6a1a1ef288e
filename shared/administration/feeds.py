"""Feeds: the addresses that rooms are filled from, added, listed, changed, asked and removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.feeds.add_feed import EVERY, add_feed, feed_address, name_for
from shared.feeds.change_feed import ask_soon, change_feed, remove_feed
from shared.feeds.channel import FeedWanted
from shared.feeds.errors import FeedNotFound
from shared.feeds.hubs.feed_hub import FeedHub
from shared.feeds.hubs.list_hubs import list_hubs
from shared.feeds.list_feeds import find_feed, list_feeds
from shared.feeds.opml import Outline
from shared.feeds.subscription import FeedSubscription
from shared.rooms.create_room import create_room
from shared.rooms.errors import RoomNotFound
from shared.rooms.find_room import find_room
from shared.rooms.list_rooms import list_rooms
from shared.rooms.room import Posters, Readers


class FeedLine(NamedTuple):
    """A feed, the name of the room that it fills, and its hub where the list asks for it."""

    room: str
    feed: FeedSubscription
    hub: FeedHub | None = None


def add(
    tx: Transaction,
    url: str,
    room_name: str | None = None,
    *,
    title: str = "",
    every: timedelta = EVERY,
    reading: Readers = Readers.MEMBERS,
) -> FeedLine:
    """Fill a room from `url`: the room of that name, made if it is not there, or without a name one of its own.

    A room of its own is called after the feed. Raises BadFeedAddress, FeedExists, BadRoomName.
    """
    url = feed_address(url)
    if room_name is None:
        room_name = name_for(title, url, [room.name for room in list_rooms(tx)])
    try:
        room = find_room(tx, room_name)
    except RoomNotFound:
        room = create_room(tx, room_name, description=title, reading=reading, posting=Posters.NOBODY, fed=True)
    feed = add_feed(tx, room, url, title=title, every=every)
    tx.announce(FeedWanted(room.folder_id))
    return FeedLine(room.name, feed)


class Imported(NamedTuple):
    """What became of an address in a list: the feed that it is now, or why it is none."""

    url: str
    outcome: FeedLine | DomainError


def add_all(tx: Transaction, outlines: Iterable[Outline]) -> Sequence[Imported]:
    """Add the feeds of a list, each to the room that it names or to one of its own."""
    imported: list[Imported] = []
    for url, title, room in outlines:
        try:
            imported.append(Imported(url, add(tx, url, room or None, title=title)))
        except DomainError as error:  # each of these is raised before anything is written
            imported.append(Imported(url, error))
    return imported


def list_all(tx: Transaction) -> Sequence[FeedLine]:
    """By the names of the rooms."""
    hubs = list_hubs(tx)
    return [FeedLine(name, feed, hubs.get(feed.id)) for name, feed in list_feeds(tx)]


def find(tx: Transaction, which: str) -> FeedLine:
    """The feed by its number, its address, or the name of a room that it alone fills. Raises FeedNotFound."""
    lines = list_all(tx)
    for matches in (
        [line for line in lines if which.isdigit() and line.feed.id == int(which[:18])],
        [line for line in lines if line.feed.url == which],
        [line for line in lines if line.room == which.lower()],
    ):
        if len(matches) == 1:
            return matches[0]
    raise FeedNotFound(which)


def change(tx: Transaction, which: str, *, every: timedelta | None = None, url: str | None = None) -> FeedLine:
    """Another interval or address. Raises FeedNotFound, BadFeedAddress, FeedExists."""
    line = find(tx, which)
    changed = FeedLine(line.room, change_feed(tx, line.feed, every=every, url=url))
    tx.announce(FeedWanted(changed.feed.folder_id))
    return changed


def refresh(tx: Transaction, which: str | None = None) -> Sequence[FeedLine]:
    """Have the feed, or all of them, asked now. Raises FeedNotFound."""
    if which is not None:
        return [_refresh(tx, find(tx, which))]
    refreshed = []
    for line in list_all(tx):
        with suppress(FeedNotFound):  # one of them was removed meanwhile
            refreshed.append(_refresh(tx, line))
    return refreshed


def remove(tx: Transaction, which: str) -> FeedLine:
    """Ask it no more; its room and articles stay. Raises FeedNotFound."""
    line = find(tx, which)
    remove_feed(tx, line.feed.id)
    return line


def _refresh(tx: Transaction, line: FeedLine) -> FeedLine:
    ask_soon(tx, line.feed.id)
    tx.announce(FeedWanted(line.feed.folder_id))
    return FeedLine(line.room, find_feed(tx, line.feed.id))
