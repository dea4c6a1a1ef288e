"""A subscription by mail: an account, a room, and how its posts are sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class SubscriptionKind(StrEnum):
    """How posts are sent."""

    EACH = "each"  # as they come, one by one
    DIGEST = "digest"  # once a day, in one message


class MailSubscription(NamedTuple):
    """A subscription as of one moment."""

    account: str
    kind: SubscriptionKind
    position: int  # the number of the last post that was sent, or that will not be
    since: datetime
    passed_over: int  # posts that the mailbox did not take
    passed_over_at: datetime | None
    passed_over_because: str


class OwnSubscription(NamedTuple):
    """The same as its account sees it."""

    folder_id: int
    room: str
    kind: SubscriptionKind
    passed_over: int
