"""The articles of feeds by what is in them: which one an item is, and which ones no feed has any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import psycopg2

from shared.database.transaction import Transaction
from shared.feeds.item_records import FORGOTTEN_AFTER

# Of two transactions with the same content, given in its order, one waits for the other and finds its row.
_TAKE = """
    INSERT INTO feed_article (content, identifier)
    SELECT content, identifier FROM unnest(%s::bytea[], %s::bytea[]) AS new (content, identifier) ORDER BY content
    ON CONFLICT DO NOTHING
"""
_FIND = """
    SELECT content, feed_article.identifier, coalesce(bool_or(folder_id = %s), false),
           coalesce(bool_or(cancelled_at IS NULL AND folder_id IS NOT NULL), false)
    FROM feed_article LEFT JOIN identifier ON identifier.identifier = feed_article.identifier AND door = 'feed'
    LEFT JOIN article ON article.message_id = identifier.message_id
    WHERE content = ANY(%s::bytea[]) GROUP BY content
"""
_REPLACE = """
    UPDATE feed_article SET identifier = new.identifier, came_at = now()
    FROM unnest(%s::bytea[], %s::bytea[]) AS new (content, identifier) WHERE feed_article.content = new.content
"""
_FORGET = "DELETE FROM feed_article WHERE came_at < now() - %s"
_UNUSED = """
    SELECT uid FROM unnest(%s::bytea[]) AS old (identifier)
    JOIN identifier ON identifier.identifier = old.identifier AND door = 'feed'
    JOIN article ON article.message_id = identifier.message_id AND folder_id = %s AND cancelled_at IS NULL
    WHERE NOT EXISTS (
        SELECT FROM feed_item JOIN feed ON feed.id = feed_id
        WHERE feed_item.article = old.identifier AND feed.folder_id = article.folder_id
    )
"""


class SharedArticle(NamedTuple):
    """An article that another feed brought, or this one before it was removed and added again."""

    identifier: bytes
    is_here: bool  # in this room, or was cancelled there


def take_contents(tx: Transaction, room_id: int, own: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, SharedArticle]:
    """By content, the articles that are there already; of the others, those of `own` are remembered.

    `own` are contents with the Message-IDs that the feed's own articles would have.
    """
    contents = [psycopg2.Binary(content) for content, _ in own]
    tx.execute(_TAKE, (contents, [psycopg2.Binary(identifier) for _, identifier in own]))
    identifiers = dict(own)
    found: dict[bytes, SharedArticle] = {}
    gone: list[bytes] = []
    for content, identifier, is_here, is_anywhere in tx.rows(_FIND, (room_id, contents)):
        content, identifier = bytes(content), bytes(identifier)
        if is_here or (is_anywhere and identifier != identifiers[content]):
            found[content] = SharedArticle(identifier, is_here)
        elif identifier != identifiers[content]:
            gone.append(content)  # cancelled wherever it was: that is no word about this feed
    if gone:
        replaced = [psycopg2.Binary(identifiers[content]) for content in gone]
        tx.execute(_REPLACE, ([psycopg2.Binary(content) for content in gone], replaced))
    tx.execute(_FORGET, (FORGOTTEN_AFTER,))
    return found


def unused_numbers(tx: Transaction, room_id: int, identifiers: Sequence[bytes]) -> Sequence[int]:
    """The numbers in the room of those of these articles that are no feed's item there any more."""
    if not identifiers:
        return ()
    return [uid for (uid,) in tx.rows(_UNUSED, ([psycopg2.Binary(each) for each in identifiers], room_id))]
