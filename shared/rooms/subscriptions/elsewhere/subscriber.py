"""A subscriber elsewhere: an address, a room, and how its posts are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.mail.address import parse_address
from shared.mail.mailbox import parse_mailbox
from shared.rooms.room import Room
from shared.rooms.subscriptions.subscription import SubscriptionKind

_OF_ROOM = """
    SELECT address, kind, position, since, bounces, bounced_at FROM remote_subscriber
    WHERE folder_id = %s ORDER BY lower(address)
"""


class Elsewhere(NamedTuple):
    """An address elsewhere, as it is written in an envelope, and its domain in A-labels."""

    address: str
    domain: str


class RemoteSubscription(NamedTuple):
    """A subscription as of one moment."""

    address: str
    kind: SubscriptionKind
    position: int  # the number of the last post that was queued, or that will not be
    since: datetime
    bounces: int
    bounced_at: datetime | None


def elsewhere(address: str) -> Elsewhere:
    """Read an address. Raises BadAddress."""
    mailbox, parsed = parse_mailbox(address), parse_address(address)
    return Elsewhere(f"{mailbox.text.rpartition('@')[0]}@{parsed.domain}", parsed.domain)


def count_elsewhere(tx: Transaction, room: Room) -> int:
    """How many addresses elsewhere are subscribed."""
    return int(tx.value("SELECT count(*) FROM remote_subscriber WHERE folder_id = %s", (room.folder_id,)))


def list_elsewhere(tx: Transaction, room: Room) -> Sequence[RemoteSubscription]:
    """By the addresses."""
    rows = tx.rows(_OF_ROOM, (room.folder_id,))
    return [RemoteSubscription(address, SubscriptionKind(kind), *rest) for address, kind, *rest in rows]
