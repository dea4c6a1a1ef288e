"""Sending digests that are due."""

from __future__ import annotations

from datetime import datetime

from shared.database.transaction import Transaction
from shared.rooms.find_room import find_room_by_id
from shared.rooms.subscriptions.advance import advance, note_passed_over
from shared.rooms.subscriptions.claim import claim_digest
from shared.rooms.subscriptions.deliver import Outgoing, deliver_copies
from shared.rooms.subscriptions.digest import digest_of
from shared.rooms.subscriptions.digest_time import next_digest
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import posts_after
from shared.rooms.subscriptions.send_each import SentPosts
from shared.rooms.subscriptions.sent_trace import SentOf

MOST_POSTS_IN_DIGEST = 100  # what is more follows at once in another digest


def send_digest(tx: Transaction, room_id: int, names: ListNames, now: datetime) -> SentPosts | None:
    """Send one digest to those who are due and lack the same posts; None if there are none.

    Without new posts there is no digest that day. Raises RoomNotFound. Announces FolderChanged.
    """
    room = find_room_by_id(tx, room_id)
    claim = claim_digest(tx, room_id, now)
    if claim is None:
        return None
    page = posts_after(tx, room_id, claim.subscribers[0].position, claim.high, MOST_POSTS_IN_DIGEST)
    outgoing = []
    if page.posts:
        sent = SentOf(room_id, page.posts[0].uid, page.posts[-1].uid, "digest")
        outgoing = [Outgoing(digest_of(page.posts, room, names, now), len(page.posts), claim.subscribers, sent)]
    delivered = deliver_copies(tx, outgoing, now)
    digest_at = next_digest(now) if page.last >= claim.high else None
    advance(tx, room_id, [each.account_id for each in claim.subscribers], page.last, digest_at)
    note_passed_over(tx, room_id, delivered.passed_over, now)
    return SentPosts(room.name, len(page.posts), delivered.copies, len(delivered.passed_over))
