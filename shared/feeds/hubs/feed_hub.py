"""The row of a feed's hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FeedHub:
    """A hub that a feed names, as of one moment."""

    feed_id: int
    hub: str
    topic: str  # the feed's address as the hub knows it
    token: str  # the last part of our address for it
    secret: str  # which signs what it sends
    active_until: datetime | None
    error: str  # a sentence; "" where all is well


# The columns of a FeedHub in its own order.
HUB_COLUMNS = ", ".join(f"feed_hub.{field.name}" for field in fields(FeedHub))


def hub_from(row: Sequence[Any]) -> FeedHub:
    """The hub in a row of HUB_COLUMNS."""
    return FeedHub(*row)
