"""Looking whether an article is in its rooms already: a sender that had no answer sends it again."""

from __future__ import annotations

from collections.abc import Collection

from shared.database.transaction import Transaction

_BY_MESSAGE = """
    SELECT count(*) FROM identifier JOIN article ON article.message_id = identifier.message_id
    WHERE identifier.identifier = %(identifier)s::bytea AND folder_id = ANY(%(rooms)s::bigint[])
"""
_HELD = (
    "SELECT EXISTS (SELECT FROM held WHERE identifier = %(identifier)s::bytea AND folder_ids @> %(rooms)s::bigint[])"
)


def is_posted_to(tx: Transaction, identifier: bytes, rooms: Collection[int]) -> bool:
    """Whether the article with this Message-ID is, or was, in all of these rooms, or is held for them."""
    wanted = {"identifier": identifier, "rooms": list(rooms)}
    if tx.value(_BY_MESSAGE, wanted) == len(rooms):
        return True
    return bool(tx.value(_HELD, wanted))
