"""Keeping what a feed has said: its new items as articles, its items as seen, and how asking it went, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.feeds.articles import SharedArticle, take_contents, unused_numbers
from shared.feeds.errors import FeedLost
from shared.feeds.hubs.links import HubLinks
from shared.feeds.hubs.note_hub import note_hub
from shared.feeds.item_records import write_items
from shared.feeds.outcome import Answered, write_outcome
from shared.feeds.sort_items import Sorted
from shared.rooms.cancels.cancel import cancel_numbers
from shared.rooms.errors import DuplicateArticle
from shared.rooms.posts.add_to_room import add_to_room
from shared.rooms.posts.post import Post, post_articles
from shared.rooms.room import Room


class ItemPost(NamedTuple):
    """The feed's own article of an item that is new or edited."""

    identity: str
    content: bytes  # sort_items.content_of
    post: Post


@dataclass(frozen=True, slots=True)
class TakenItems:
    """What is to be kept."""

    feed_id: int
    process: UUID  # which holds the lease
    room: Room
    posts: Sequence[ItemPost]
    items: Sequence[Sorted]
    outcome: Answered
    hub: HubLinks | None = None  # None: what is known of a hub stays


def keep_items(tx: Transaction, taken: TakenItems) -> int:
    """The number of articles that the room has more now.

    An item of which another feed brought the same to read is the same article, now in this room, too. The article that
    an edited item was before is cancelled in this room, unless it is another feed's item here. Raises FeedLost when the
    lease ran out and another process has it: what that one keeps holds.
    """
    own = [(each.content, each.post.identifier) for each in taken.posts]
    known = take_contents(tx, taken.room.folder_id, own) if own else {}
    new = [each for each in taken.posts if each.content not in known]
    articles = {each.identity: known[each.content].identifier for each in taken.posts if each.content in known}
    kept = 0
    results = post_articles(tx, [each.post for each in new]) if new else ()
    for each, result in zip(new, results, strict=True):
        articles[each.identity] = each.post.identifier
        if isinstance(result, DuplicateArticle):  # of the same feed, which fills another room, or was removed
            kept += add_to_room(tx, taken.room, each.post.identifier, each.post.door) is not None
        elif isinstance(result, DomainError):
            raise result
        else:
            kept += 1
    for shared in known.values():
        kept += _is_added(tx, taken.room, shared)
    write_items(
        tx, taken.feed_id, [each._replace(article=articles.get(each.identity, each.article)) for each in taken.items]
    )
    before = [each.article for each in taken.items if each.is_edited and each.article not in articles.values()]
    cancel_numbers(tx, [(taken.room.folder_id, uid) for uid in unused_numbers(tx, taken.room.folder_id, before)], None)
    if taken.hub is not None:
        note_hub(tx, taken.feed_id, taken.hub)
    if not write_outcome(tx, taken.feed_id, taken.process, taken.outcome):
        raise FeedLost(str(taken.feed_id))
    return kept


def _is_added(tx: Transaction, room: Room, article: SharedArticle) -> bool:
    return not article.is_here and add_to_room(tx, room, article.identifier, "feed") is not None
