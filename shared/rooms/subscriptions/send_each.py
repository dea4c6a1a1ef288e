"""Sending posts one by one, to those who have not been sent them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.rooms.find_room import find_room_by_id
from shared.rooms.subscriptions.advance import advance, note_passed_over
from shared.rooms.subscriptions.claim import claim_behind
from shared.rooms.subscriptions.deliver import Outgoing, deliver_copies
from shared.rooms.subscriptions.list_copy import list_copy
from shared.rooms.subscriptions.list_names import ListNames
from shared.rooms.subscriptions.posts_to_send import posts_after
from shared.rooms.subscriptions.sent_trace import SentOf

MOST_POSTS = 50  # of one transaction
MOST_COPIES = 20_000  # of one transaction


class SentPosts(NamedTuple):
    """What one transaction has sent."""

    room: str
    posts: int
    copies: int
    passed_over: int  # accounts whose mailbox did not take all of it


def send_each(tx: Transaction, room_id: int, names: ListNames, now: datetime) -> SentPosts | None:
    """Send the next posts to all subscribers who lack them and whom nobody else is sending to; None if there are none.

    The author is sent a copy, too, as mailing lists do. Raises RoomNotFound. Announces FolderChanged.
    """
    room = find_room_by_id(tx, room_id)
    claim = claim_behind(tx, room_id)
    if claim is None:
        return None
    first = min(each.position for each in claim.subscribers)
    most = max(1, min(MOST_POSTS, MOST_COPIES // len(claim.subscribers)))
    page = posts_after(tx, room_id, first, claim.high, most)
    outgoing = [
        Outgoing(
            list_copy(post, room, names),
            1,
            [each for each in claim.subscribers if each.position < post.uid],
            SentOf(room_id, post.uid, post.uid, "copy"),
        )
        for post in page.posts
    ]
    delivered = deliver_copies(tx, outgoing, now)
    advance(tx, room_id, [each.account_id for each in claim.subscribers], page.last)
    note_passed_over(tx, room_id, delivered.passed_over, now)
    return SentPosts(room.name, len(page.posts), delivered.copies, len(delivered.passed_over))
