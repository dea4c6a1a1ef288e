"""Posts that are to be sent: those of a room behind a number, as many as one transaction takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.rooms.posts.post_values import MAIL_DOORS

MOST_OCTETS = 16 << 20  # in memory at a time; a larger post goes alone
# What is cancelled or has expired is not there; what is held has no number.
_POSTS = """
    SELECT uid, article.message_id, size_octets, coalesce(door = ANY (%s), false)
    FROM article JOIN message ON message.id = article.message_id LEFT JOIN identifier USING (identifier)
    WHERE folder_id = %s AND uid > %s AND uid <= %s AND cancelled_at IS NULL ORDER BY folder_id, uid LIMIT %s
"""


class SentPost(NamedTuple):
    """A post: its number and its octets."""

    uid: int
    octets: bytes
    by_mail: bool = False  # it came by a door for mail, where forged results of our checks are taken out


class PostsToSend(NamedTuple):
    """Posts, and the number up to which these are all."""

    posts: Sequence[SentPost]
    last: int


def posts_after(tx: Transaction, room_id: int, position: int, high: int, most: int) -> PostsToSend:
    """The first posts of the numbers from `position` + 1 to `high`: up to `most`, and MOST_OCTETS."""
    rows = tx.rows(_POSTS, (list(MAIL_DOORS), room_id, position, high, most))
    taken: list[tuple[int, int, bool]] = []
    octets = 0
    for uid, message_id, size_octets, by_mail in rows:
        octets += size_octets
        if taken and octets > MOST_OCTETS:
            break
        taken.append((uid, message_id, by_mail))
    is_all = len(taken) == len(rows) < most
    bodies = dict(load_bodies(tx, [message_id for _, message_id, _ in taken])) if taken else {}
    posts = [SentPost(uid, bodies[number], by_mail) for uid, number, by_mail in taken if number in bodies]
    return PostsToSend(posts, high if is_all else taken[-1][0])
