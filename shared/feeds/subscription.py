"""A feed's row: the URL that a room is filled from, and how the polling goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedSubscription:
    """A room that is filled from an address, as of one moment."""

    id: int
    folder_id: int  # the room's
    url: str
    title: str  # as the feed calls itself; "" before its first answer
    every: timedelta
    etag: str
    last_modified: str
    next_try_at: datetime
    answered_at: datetime | None  # the last time that it was read
    failures: int  # in a row
    failing_since: datetime | None
    error: str  # a sentence; "" where all is well
    stopped: bool  # the server says that it is gone for good (410)
    added_at: datetime


# The columns of a FeedSubscription in its own order.
COLUMNS = ", ".join(f"feed.{field.name}" for field in fields(FeedSubscription))


def feed_from(row: Sequence[Any]) -> FeedSubscription:
    """The feed in a row of COLUMNS."""
    return FeedSubscription(*row)
