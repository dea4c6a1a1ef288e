"""Subscribers elsewhere, and what is queued for them."""

from __future__ import annotations

from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.rooms.room import Room
from shared.rooms.subscriptions.elsewhere.send import send_each_elsewhere
from shared.rooms.subscriptions.elsewhere.subscribe import subscribe_elsewhere
from shared.rooms.subscriptions.elsewhere.subscriber import elsewhere
from shared.rooms.subscriptions.send_each import SentPosts
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.tests.build import NAMES
from shared.rooms.tests.build import NOW


class Queued(NamedTuple):
    """A row of the queue."""

    sender: str
    address: str
    own_sender: str | None
    fields: str
    octets: bytes


def remote(tx: Transaction, room: Room, address: str, kind: SubscriptionKind = SubscriptionKind.EACH) -> str:
    """Subscribe the address; its token."""
    subscribe_elsewhere(tx, room, elsewhere(address), kind, NOW)
    token: str = tx.value(
        "SELECT token FROM remote_subscriber WHERE folder_id = %s AND address = %s", (room.folder_id, address)
    )
    return token


def in_queue(tx: Transaction) -> list[Queued]:
    """All of it, in the order it came."""
    rows = tx.rows(
        "SELECT outbound.sender, address, own_sender, fields, octets FROM outbound_recipient AS recipient"
        " JOIN outbound ON outbound.id = outbound_id JOIN body USING (message_id) ORDER BY recipient.id"
    )
    return [Queued(*row) for row in rows]


def send_all_elsewhere(tx: Transaction, room: Room) -> list[SentPosts]:
    """What is queued until nothing is left to send one by one."""
    sent = []
    while (step := send_each_elsewhere(tx, room.folder_id, NAMES, NOW)) is not None:
        sent.append(step)
        tx.commit()
    return sent
