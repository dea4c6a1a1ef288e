"""Whether an article answers another one of a room, for rooms in which nobody begins a thread."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg2

from shared.database.transaction import Transaction
from shared.messages.thread_header import IDENTIFIER
from shared.rooms.article_header import ArticleHeader

MOST_REFERENCES = 20  # the newest; one that is there is enough

_IS_THERE = """
    SELECT EXISTS (
        SELECT FROM identifier JOIN article ON article.message_id = identifier.message_id AND folder_id = %s
        WHERE identifier.identifier = ANY(%s::bytea[]) AND cancelled_at IS NULL
    )
"""


def answered_by(header: ArticleHeader) -> Sequence[bytes]:
    """The Message-IDs that the article refers to, the newest MOST_REFERENCES; of In-Reply-To without References."""
    named = IDENTIFIER.findall(header.value(b"references")) or IDENTIFIER.findall(header.value(b"in-reply-to"))
    return named[-MOST_REFERENCES:]


def is_reply(tx: Transaction, folder_id: int, identifiers: Sequence[bytes]) -> bool:
    """Whether one of these articles is in the room."""
    return bool(tx.value(_IS_THERE, (folder_id, [psycopg2.Binary(each) for each in identifiers])))
