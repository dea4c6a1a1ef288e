"""Filling a room from a feed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from shared.database.transaction import Transaction
from shared.feeds.errors import BadFeedAddress, FeedExists
from shared.feeds.schedule import LEAST_INTERVAL
from shared.feeds.subscription import COLUMNS, FeedSubscription, feed_from
from shared.rooms.room import Room

MOST_ADDRESS_CHARACTERS = 2_000
MOST_NAME_CHARACTERS = 40
EVERY = timedelta(hours=1)
PREFIX = "rss."

_INSERT = f"""
    INSERT INTO feed (folder_id, url, title, every) VALUES (%s, %s, %s, %s)
    ON CONFLICT DO NOTHING RETURNING {COLUMNS}
"""
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


def add_feed(tx: Transaction, room: Room, url: str, *, title: str = "", every: timedelta = EVERY) -> FeedSubscription:
    """Poll `url` from now on, and post its items to `room`. Raises BadFeedAddress, FeedExists."""
    row = tx.row(_INSERT, (room.folder_id, feed_address(url), title, max(every, LEAST_INTERVAL)))
    if row is None:
        raise FeedExists(url)
    return feed_from(row)


def feed_address(text: str) -> str:
    """The address as it is kept. Raises BadFeedAddress."""
    url = text.strip()
    if len(url) > MOST_ADDRESS_CHARACTERS or not url.isprintable() or " " in url:
        raise BadFeedAddress(text[:100])
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadFeedAddress(text[:100]) from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadFeedAddress(text[:100])
    return url


def name_for(title: str, url: str, taken: Iterable[str]) -> str:
    """`rss.NAME` for a room of this feed's own: its title, else its host; with a number where that is taken."""
    name = _letters(title) or _letters(urlsplit(url).hostname or "") or "feed"
    if name.isdigit():  # a part of a room's name may not be a number
        name = f"feed-{name}"
    used = set(taken)
    for number in range(1, len(used) + 2):
        suffix = f"-{number}" if number > 1 else ""
        candidate = PREFIX + name[: MOST_NAME_CHARACTERS - len(suffix)].rstrip("-") + suffix
        if candidate not in used:
            break
    return candidate


def _letters(text: str) -> str:
    """`text` as [a-z0-9-]{0,40}: letters without their accents, anything else a hyphen."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode("ascii")
    return _NOT_IN_NAMES.sub("-", plain).strip("-")[:MOST_NAME_CHARACTERS].strip("-")
