"""Subscribers, and what is in their mailboxes."""

from __future__ import annotations

from datetime import timedelta

from shared.accounts.account import Account
from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.folders.find_folders import find_folder
from shared.folders.open_folder import open_folder
from shared.rooms.room import Room
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.send_digest import send_digest
from shared.rooms.subscriptions.send_each import SentPosts, send_each
from shared.rooms.subscriptions.subscribe import subscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.tests.build import HOSTNAME, NOW
from shared.testing.builders import a_member

NAMES = ListNames(HOSTNAME, "example.org")
LATER = NOW + timedelta(days=1)


def a_subscriber(
    tx: Transaction,
    *rooms: Room,
    kind: SubscriptionKind = SubscriptionKind.EACH,
    quota_octets: int | None = None,
) -> Account:
    """A member who is subscribed to these rooms."""
    account = a_member(tx, quota_octets=quota_octets)
    for room in rooms:
        subscribe(tx, room, account, kind, NOW)
    return account


def inbox(tx: Transaction, account: Account) -> list[bytes]:
    """The octets of what is in the INBOX, in the order of its numbers."""
    opened = open_folder(tx, find_folder(tx, account.id, "INBOX").id)
    bodies = dict(load_bodies(tx, opened.message_ids))
    return [bodies[message_id] for message_id in opened.message_ids]


def send_all(tx: Transaction, room: Room) -> list[SentPosts]:
    """What is sent until nothing is left to send one by one."""
    sent = []
    while (step := send_each(tx, room.folder_id, NAMES, NOW)) is not None:
        sent.append(step)
        tx.commit()
    return sent


def send_digests(tx: Transaction, room: Room) -> list[SentPosts]:
    """The digests that are due a day later."""
    sent = []
    while (step := send_digest(tx, room.folder_id, NAMES, LATER)) is not None:
        sent.append(step)
        tx.commit()
    return sent
