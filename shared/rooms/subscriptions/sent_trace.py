"""The trace of what was sent to subscribers: a row for each copy or digest, not for each of its recipients."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction

_WIDEST = 100_000  # numbers of a digest's first and last post apart: it has 100 posts, some were cancelled between
_MOST = 100
_INSERT = Prepared(
    """
    INSERT INTO event_trace (message_id, folder_id, first_uid, last_uid, recipients, kind)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::integer[], %s::integer[], %s::text[])
"""
)
_OF_POST = f"""
    SELECT happened_at, message_id, recipients, kind FROM event_trace
    WHERE folder_id = %s AND first_uid <= %s AND last_uid BETWEEN %s AND %s::bigint + {_WIDEST}
    ORDER BY id LIMIT {_MOST}
"""


class SentOf(NamedTuple):
    """The posts that are in something that is sent."""

    room_id: int
    first_uid: int
    last_uid: int
    kind: Literal["copy", "digest"]


class SentLine(NamedTuple):
    """Something that was sent, and to how many."""

    happened_at: datetime
    message_id: int
    recipients: int
    kind: str


def note_sent(tx: Transaction, rows: Sequence[tuple[int, SentOf, int]]) -> None:
    """Note what this transaction sends: the message, the posts in it, and how many get it."""
    if rows:
        values = [
            (message, sent.room_id, sent.first_uid, sent.last_uid, count, sent.kind) for message, sent, count in rows
        ]
        tx.execute_with_next(_INSERT, [list(column) for column in zip(*values, strict=True)])


def sent_of_post(tx: Transaction, room_id: int, uid: int) -> Sequence[SentLine]:
    """What was sent of the post of this number."""
    return [SentLine(*row) for row in tx.rows(_OF_POST, (room_id, uid, uid, uid))]
