"""Tidying rooms, once a day: old articles expire, and what was kept for a while only is forgotten.

Before shared/folders/purge.py, which forgets what vanished: an article whose row is there can be put back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.errors import FolderNotFound
from shared.folders.purge import RETENTION
from shared.rooms.expire import expire, rooms_that_expire

BATCH = 5_000  # well under a second each
DECISIONS_KEPT = timedelta(days=30)  # so that a rejected post is refused when it is sent again

_FORGET_CANCELLED = """
    DELETE FROM article WHERE (folder_id, uid) IN (
        SELECT folder_id, uid FROM article WHERE cancelled_at < now() - %s ORDER BY cancelled_at LIMIT %s
    )
"""
_FORGET_DECIDED = "DELETE FROM held WHERE decided_at < now() - %s"
# A message is there for as long as what is expunged is kept: so long a Message-ID outlives its article.
_FORGET_IDENTIFIERS = """
    WITH looked_at AS (
        SELECT identifier, message_id, came_at FROM identifier
        WHERE identifier > %s::bytea ORDER BY identifier LIMIT %s
    ), forgotten AS (
        DELETE FROM identifier WHERE identifier IN (
            SELECT identifier FROM looked_at
            WHERE came_at < now() - %s AND NOT EXISTS (SELECT FROM message WHERE id = message_id)
        ) RETURNING 1
    )
    SELECT (SELECT identifier FROM looked_at ORDER BY identifier DESC LIMIT 1), (SELECT count(*) FROM forgotten)
"""
_LONGEST_TRANSACTION = timedelta(days=1)  # an identifier that is younger may belong to a message not yet committed


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much went."""

    expired: int
    identifiers: int


async def tidy_rooms(database: Database, retention: timedelta = RETENTION) -> Tidied:
    """Expire articles, and forget what was cancelled longer than `retention` ago, in small steps.

    Several processes may do so at once. Raises StoreUnavailable, StatementTimedOut.
    """
    expired = identifiers = 0
    for room in await database.read(rooms_that_expire):
        with suppress(FolderNotFound):
            while step := await database.transact(expire, room):
                expired += step
    while await database.transact(forget_cancelled, retention):
        pass
    await database.transact(forget_decided)
    after: bytes | None = b""
    while after is not None:
        after, step = await database.transact(forget_identifiers, after, retention)
        identifiers += step
    return Tidied(expired, identifiers)


def forget_cancelled(tx: Transaction, retention: timedelta, batch: int = BATCH) -> int:
    """Forget the oldest articles that were cancelled so long ago; how many, 0 when none is left."""
    return tx.execute(_FORGET_CANCELLED, (retention, batch))


def forget_decided(tx: Transaction, kept: timedelta = DECISIONS_KEPT) -> int:
    """Forget the held posts that were decided about so long ago; how many."""
    return tx.execute(_FORGET_DECIDED, (kept,))


def forget_identifiers(
    tx: Transaction, after: bytes, retention: timedelta, batch: int = BATCH
) -> tuple[bytes | None, int]:
    """Look at the next Message-IDs, and forget those that came so long ago and whose messages are gone.

    Returns where to go on, None at the end, and how many were forgotten.
    """
    row = tx.row(_FORGET_IDENTIFIERS, (after, batch, max(retention, _LONGEST_TRANSACTION)))
    assert row is not None  # no FROM: one row
    return row
