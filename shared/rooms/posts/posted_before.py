"""The look-up of an article after a commit whose answer was lost: it may be there."""

from __future__ import annotations

from shared.database.transaction import Transaction
from shared.folders.append import Place
from shared.rooms.posts.post import Post, Posted

# To the microsecond at which it was taken in: another article with the same Message-ID has another one.
_SAME = """
    SELECT message.id FROM identifier JOIN message ON message.id = message_id
    WHERE identifier = %s AND received_at = %s AND size_octets = %s
"""
_PLACES = """
    SELECT folder_id, uidvalidity, uid FROM article JOIN folder ON folder.id = folder_id
    WHERE message_id = %s AND folder_id = ANY(%s)
"""


def posted_before(tx: Transaction, post: Post) -> Posted | None:
    """Where this very article is; None where another one has its Message-ID."""
    message_id = tx.value(_SAME, (post.identifier, post.message.received_at, len(post.message.octets)))
    if message_id is None:
        return None
    found = {row[0]: Place(*row) for row in tx.rows(_PLACES, (message_id, list(post.rooms)))}
    return Posted(post.identifier, message_id, [found[room] for room in post.rooms if room in found])
