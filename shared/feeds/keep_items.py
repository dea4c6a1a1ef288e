"""Keeping what a feed has said: its new items as articles, its items as seen, and how asking it went, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg2

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.feeds.errors import FeedLost
from shared.feeds.item_records import write_items
from shared.feeds.outcome import Answered, write_outcome
from shared.feeds.sort_items import Sorted
from shared.rooms.add_to_room import add_to_room
from shared.rooms.cancel import cancel_numbers
from shared.rooms.errors import DuplicateArticle
from shared.rooms.post import Post, post_articles
from shared.rooms.room import Room

_NUMBERS = """
    SELECT uid FROM identifier JOIN article ON article.message_id = identifier.message_id
    WHERE article.folder_id = %s AND identifier.identifier = ANY(%s::bytea[]) AND cancelled_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class TakenItems:
    """What is to be kept. `posts` are the articles of new and edited items."""

    feed_id: int
    process: UUID  # which holds the lease
    room: Room
    posts: Sequence[Post]
    superseded: Sequence[bytes]  # Message-IDs of the editions before
    items: Sequence[Sorted]
    outcome: Answered


def keep_items(tx: Transaction, taken: TakenItems) -> int:
    """The number of articles that the room has more now.

    An item that another feed brought is the same article, now in this room, too. Raises FeedLost when the lease ran out
    and another process has it: what that one keeps holds.
    """
    results = post_articles(tx, taken.posts) if taken.posts else ()
    kept = 0
    for post, result in zip(taken.posts, results, strict=True):
        if isinstance(result, DuplicateArticle):
            kept += add_to_room(tx, taken.room, post.identifier, post.door) is not None
        elif isinstance(result, DomainError):
            raise result
        else:
            kept += 1
    old = [(taken.room.folder_id, uid) for uid in _numbers(tx, taken.room, taken.superseded)]
    cancel_numbers(tx, old, None)
    write_items(tx, taken.feed_id, taken.items)
    if not write_outcome(tx, taken.feed_id, taken.process, taken.outcome):
        raise FeedLost(str(taken.feed_id))
    return kept


def _numbers(tx: Transaction, room: Room, identifiers: Sequence[bytes]) -> Sequence[int]:
    if not identifiers:
        return ()
    return [uid for (uid,) in tx.rows(_NUMBERS, (room.folder_id, [psycopg2.Binary(each) for each in identifiers]))]
