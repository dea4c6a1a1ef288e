"""Feeds by REST, for administrators: what fills rooms, how often it is asked, and how that goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from services.wiki.calls.caller import Caller
from services.wiki.calls.errors import SignInWanted, WrongArguments
from services.wiki.calls.noted_change import Changer, noted_change
from services.wiki.rest.endpoint import Endpoint
from services.wiki.rest.history import number_in
from services.wiki.rest.result import RestAsked, Result
from services.wiki.site.errors import AdminsAlone
from shared.accounts.account import Role
from shared.administration import feeds
from shared.administration.feeds import FeedLine
from shared.database.transaction import Transaction
from shared.feeds.add_feed import EVERY
from shared.rooms.room import Readers

T = TypeVar("T")
MOST_MINUTES = 30 * 24 * 60


class FeedInfo(NamedTuple):
    """A feed. `error` is empty while all is well; `stopped`: its server says that it is gone for good."""

    number: int
    room: str
    url: str
    title: str
    every_minutes: int
    answered_at: datetime | None
    error: str
    stopped: bool


class FeedList(NamedTuple):
    """All feeds, by the names of their rooms."""

    feeds: Sequence[FeedInfo]


class NewFeed(NamedTuple):
    """A feed for `room`, or for a room of its own, which `reading` (everyone or members) is for."""

    url: str
    room: str | None = None
    every_minutes: int | None = None
    reading: str = "members"


class FeedChange(NamedTuple):
    """What is to be changed; what is left out or null stays."""

    url: str | None = None
    every_minutes: int | None = None


async def list_all(caller: Caller, _asked: RestAsked) -> Result:
    """The feeds. Their addresses may have secrets in them, so they are for administrators."""
    if caller.account is None:
        raise SignInWanted
    if caller.account.role is not Role.ADMIN:
        raise AdminsAlone
    return Result(FeedList([_shown(line) for line in await caller.parts.database.read(feeds.list_all)]))


async def add(caller: Caller, asked: RestAsked) -> Result:
    """Add a feed."""
    new: NewFeed = asked.body
    try:
        reading = Readers(new.reading)
    except ValueError:
        raise WrongArguments("reading is everyone or members") from None
    every, room = _interval(new.every_minutes) or EVERY, (new.room or "").lower() or None
    line = await _changed(
        caller, f"feed add {new.url}", lambda tx: feeds.add(tx, new.url, room, every=every, reading=reading)
    )
    return Result(_shown(line), 201)


async def change(caller: Caller, asked: RestAsked) -> Result:
    """Give a feed another address or interval."""
    number, wanted = str(number_in(asked, "feed")), asked.body
    every = _interval(wanted.every_minutes)
    line = await _changed(
        caller, f"feed set {number}", lambda tx: feeds.change(tx, number, every=every, url=wanted.url)
    )
    return Result(_shown(line))


async def remove(caller: Caller, asked: RestAsked) -> Result:
    """Remove a feed; its room and what is in it stay."""
    number = str(number_in(asked, "feed"))
    await _changed(caller, f"feed remove {number}", lambda tx: feeds.remove(tx, number))
    return Result(status=204)


async def _changed(caller: Caller, command: str, change: Callable[[Transaction], T]) -> T:
    if caller.account is None:
        raise SignInWanted
    return await noted_change(caller.parts.database, Changer(caller.account, caller.door, caller.host), command, change)


def _interval(minutes: int | None) -> timedelta | None:
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise WrongArguments(f"every_minutes is a number from 1 to {MOST_MINUTES}")
    return None if minutes is None else timedelta(minutes=minutes)


def _shown(line: FeedLine) -> FeedInfo:
    feed = line.feed
    minutes = int(feed.every.total_seconds()) // 60
    return FeedInfo(feed.id, line.room, feed.url, feed.title, minutes, feed.answered_at, feed.error, feed.stopped)


ENDPOINTS: Sequence[Endpoint] = (
    Endpoint("GET", "/feeds", "listFeeds", "List the feeds, as an administrator.", list_all, FeedList, problems=(403,),
             signed_in=True),
    Endpoint("POST", "/feeds", "addFeed", "Add a feed, as an administrator.", add, FeedInfo, body=NewFeed,
             statuses=(201,), problems=(403, 409, 415, 422), signed_in=True),
    Endpoint("PATCH", "/feeds/{feed}", "changeFeed", "Change a feed, as an administrator.", change, FeedInfo,
             body=FeedChange, problems=(403, 409, 415, 422), signed_in=True),
    Endpoint("DELETE", "/feeds/{feed}", "removeFeed", "Remove a feed, as an administrator.", remove, statuses=(204,),
             problems=(403,), signed_in=True),
)  # fmt: skip
