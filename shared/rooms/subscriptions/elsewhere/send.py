"""Queueing posts and digests for subscribers elsewhere: one message for all, and a row for each of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.keep_message import keep_messages
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.outbound.departure import Departure, RemoteRecipient
from shared.outbound.enqueue import enqueue
from shared.rooms.find_room import find_room_by_id
from shared.rooms.subscriptions.digest import digest_of
from shared.rooms.subscriptions.digest_time import next_digest
from shared.rooms.subscriptions.elsewhere.claim import (
    advance_elsewhere,
    claim_behind_elsewhere,
    claim_digest_elsewhere,
)
from shared.rooms.subscriptions.elsewhere.envelope import addressed
from shared.rooms.subscriptions.list_copy import list_copy
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import posts_after
from shared.rooms.subscriptions.send_digest import MOST_POSTS_IN_DIGEST
from shared.rooms.subscriptions.send_each import MOST_COPIES, MOST_POSTS, SentPosts
from shared.rooms.subscriptions.sent_trace import SentOf, note_sent


class _Leaving(NamedTuple):
    octets: bytes
    recipients: Sequence[RemoteRecipient]
    sent: SentOf


def send_each_elsewhere(tx: Transaction, room_id: int, names: ListNames, now: datetime) -> SentPosts | None:
    """Queue the next posts for all who lack them and whom nobody else is sending to; None if there are none.

    Where the room sends nothing elsewhere any more, its posts are passed over. Raises RoomNotFound. Announces
    QueueChanged.
    """
    room = find_room_by_id(tx, room_id)
    claim = claim_behind_elsewhere(tx, room_id)
    if claim is None:
        return None
    if not room.takes_elsewhere:
        advance_elsewhere(tx, claim, claim.high)
        return SentPosts(room.name, 0, 0, 0)
    most = max(1, min(MOST_POSTS, MOST_COPIES // len(claim.subscribers)))
    page = posts_after(tx, room_id, min(each.position for each in claim.subscribers), claim.high, most)
    envelopes = [(each.position, addressed(each, names)) for each in claim.subscribers]
    leaving = [
        _Leaving(
            list_copy(post, room, names, unsubscribe=False),
            [recipient for position, recipient in envelopes if position < post.uid],
            SentOf(room_id, post.uid, post.uid, "copy"),
        )
        for post in page.posts
    ]
    copies = _queue(tx, leaving, now)
    advance_elsewhere(tx, claim, page.last)
    return SentPosts(room.name, len(page.posts), copies, 0)


def send_digest_elsewhere(tx: Transaction, room_id: int, names: ListNames, now: datetime) -> SentPosts | None:
    """Queue one digest for those who are due and lack the same posts; None if there are none.

    Without new posts there is no digest that day. Raises RoomNotFound. Announces QueueChanged.
    """
    room = find_room_by_id(tx, room_id)
    claim = claim_digest_elsewhere(tx, room_id, now)
    if claim is None:
        return None
    if not room.takes_elsewhere:
        advance_elsewhere(tx, claim, claim.high, next_digest(now))
        return SentPosts(room.name, 0, 0, 0)
    page = posts_after(tx, room_id, claim.subscribers[0].position, claim.high, MOST_POSTS_IN_DIGEST)
    leaving = []
    if page.posts:
        sent = SentOf(room_id, page.posts[0].uid, page.posts[-1].uid, "digest")
        octets = digest_of(page.posts, room, names, now, unsubscribe=False)
        leaving = [_Leaving(octets, [addressed(each, names) for each in claim.subscribers], sent)]
    copies = _queue(tx, leaving, now)
    advance_elsewhere(tx, claim, page.last, next_digest(now) if page.last >= claim.high else None)
    return SentPosts(room.name, len(page.posts), copies, 0)


def _queue(tx: Transaction, leaving: Sequence[_Leaving], now: datetime) -> int:
    """In the same few statements for one recipient as for thousands; how many copies there are."""
    if not leaving:
        return 0
    message_ids = keep_messages(tx, [NewMessage(each.octets, now, render(each.octets)) for each in leaving])
    queued = []
    for message_id, each in zip(message_ids, leaving, strict=True):
        departure = Departure(
            secrets.token_hex(7), None, "", each.recipients, not each.octets.isascii(), _is_utf8(each.recipients)
        )
        queued.append((message_id, len(each.octets), departure))
    enqueue(tx, queued)
    note_sent(
        tx, [(number, each.sent, len(each.recipients)) for number, each in zip(message_ids, leaving, strict=True)]
    )
    return sum(len(each.recipients) for each in leaving)


def _is_utf8(recipients: Sequence[RemoteRecipient]) -> bool:
    return not all(each.address.isascii() for each in recipients)
